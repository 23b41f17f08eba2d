"""Words of Django and django-allauth that our pages show and that our French catalogue says in our own way.

Their catalogues are complete, but speak the French of France ("e-mail"). A text listed here is extracted with our own
strings, and our catalogue is asked before theirs. Nothing imports this module: script/messages reads it.
"""

from django.utils.translation import gettext_noop

FOREIGN = (
    # Labels of the account forms.
    gettext_noop("Email"),
    gettext_noop("Current Password"),
    gettext_noop("New Password"),
    # What the account forms refuse.
    gettext_noop("A user is already registered with this email address."),
    gettext_noop("Be patient, you are sending too many requests."),
    gettext_noop("Please type your current password."),
    gettext_noop("The email address and/or password you specified are not correct."),
    gettext_noop("The email address is not assigned to any user account."),
    gettext_noop("This email address is already associated with this account."),
    gettext_noop("Too many failed login attempts. Try again later."),
    gettext_noop("You cannot add more than %d email addresses."),
    gettext_noop("You cannot remove your primary email address."),
    gettext_noop("Your primary email address must be verified."),
    # What the account pages report when they have done something.
    gettext_noop("A sign-in code has been sent to %(recipient)s."),
    gettext_noop("Confirmation email sent to %(email)s."),
    gettext_noop("Password successfully changed."),
    gettext_noop("Password successfully set."),
    gettext_noop("Primary email address set."),
    gettext_noop("Removed email address %(email)s."),
    gettext_noop("Successfully signed in as %(name)s."),
    gettext_noop("Unable to confirm %(email)s because it is already confirmed by a different account."),
    gettext_noop("You cannot remove your primary email address (%(email)s)."),
    gettext_noop("You have confirmed %(email)s."),
    gettext_noop("You have signed out."),
    # The headings of the administration: "Ajout de agrément" lacks its elision.
    gettext_noop("Add %s"),
    gettext_noop("Change %s"),
    gettext_noop("Select %s"),
    gettext_noop("Go"),
    gettext_noop("0 of %(cnt)s selected"),
    gettext_noop("Select %s to change"),
    gettext_noop("Select %s to view"),
    gettext_noop("View %s"),
    # The administration of accounts.
    gettext_noop("email address"),
    gettext_noop("email addresses"),
    gettext_noop("email confirmation"),
    gettext_noop("email confirmations"),
    gettext_noop("Mark selected email addresses as verified"),
)
"""Each is a text of an installed catalogue; tests/test_translations.py finds those that are not, or no more."""
