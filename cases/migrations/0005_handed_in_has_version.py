"""Every case that is no draft has its version; in a migration of its own, after the rows have theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0004_versions_of_earlier_cases")]
    operations = [
        migrations.AddConstraint(
            model_name='casesubmission',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'draft'), ('version__isnull', True)), models.Q(models.Q(('status', 'draft'), _negated=True), ('version__isnull', False)), _connector='OR'), name='cases_casesubmission_handed_in_has_version'),
        ),
    ]
