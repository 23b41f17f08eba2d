import pytest

from cases.deidentification.findings import Kind
from tests.cases.deidentification.marked_texts import found_in, found_with_kind, unmarked

PHONES = [
    "phone [[(7O5) 555-Ol42]]",
    "tel [[(705) 555-0148]]",
    "ph [[519-555-0121]]",
    "H: [[705 555 0196]]",
    "Tel. [[905.555.0155]]",
    "Call [[1-800-555-0199]] or [[+1 416 555 0133]].",
    "cell [[4165550133]]",
    "[[416-555-0133 ext. 204]]",
    "[[416 555-0133 x204]]",
    "Tél. [[613-555-0133, poste 4471]]",
    "call [[555-0148]] after supper",
    "phone: [[555 0148]]",
    "fax [[(416)5550133]]",
    "c: [[416-555-0133]]",
    "[[+33 6 12 34 56 78]]",
    "son in Paris [[06 12 34 56 78]]",
    "UK cell [[+44 20 7946 0018]]",
    "ring the ward, ext. [[4471]]",
    "joindre la clinique, poste [[4471]]",
    "home [[416-555-\n0133]]",
    "pager [[416 555 0133]]",
]

EMAILS = [
    "write to [[jdoe at gmail]] please",
    "email [[thandi_m88@inbox.example]]",
    "write to [[jane.doe@mail.example.ca]].",
    "[[jane.doe @ mail.ca]] please",
    "reach her: [[jane dot doe at mail dot ca]]",
    "[[jdoe (at) mail (dot) com]]",
    "courriel [[jdoe@mail.example]]",
    "courriel: [[jdoe arobase mail point ca]]",
    "[[JANE.DOE@MAIL.EXAMPLE]]",
    "[[jdoe@\nmail.example]]",
    "[[jsmith99@gmail]] on the form",
]

PLACES_ON_THE_NET = [
    ("see [[https://my.chart.example/pt/nguyenb]]", Kind.URL_IP),
    ("blog [[www.peggysporch.example/updates]], please", Kind.URL_IP),
    ("GoFundMe: [[gofundme.example/f/dawns-recovery]]", Kind.URL_IP),
    ("from [[142.118.77.203]], a library", Kind.URL_IP),
    ("kiosk [[10.44.8.119]]", Kind.URL_IP),
    ("from [[2001:db8:0:0:0:0:2:1]]", Kind.URL_IP),
    ("router [[00:1A:2B:3C:4D:5E]]", Kind.DEVICE_ID),
    ("Instagram ([[@northbay_riggs_33]])", Kind.OTHER_ID),
    ("on tiktok as [[riggs_33]]", Kind.OTHER_ID),
    ("[[HTTPS://RESULTS.LABS.EXAMPLE/VIEW/88213]]?", Kind.URL_IP),
    (r"saved in [[C:\Users\jdoe\scan.pdf]]", Kind.URL_IP),
    ("[[facebook.com/jane.doe.5]]", Kind.URL_IP),
]

NO_CONTACTS = [
    "She looked back at this point in time.",
    "Dose 600-1200 mg, 300-900 units, 1000-2000 IU.",
    "flex 60, ext 10; extension 120 degrees; ext 135",
    "Pain @ 7/10, dose @ hs, meds @ bedtime, seen @ 14:30, 50 mg @ noon",
    "He is better.She is not. Pain is worse.It burns.",
    "v2.1.3, 1.5.10, section 3.2.1",
    "Take 1 q4h: call if worse in 3 days.",
    "contact allergy to nickel, 2019",
    "gabapentin 300 600 900, 300 300 600",
    "BP 120/80 120/70 130/85; 12:30:45",
    "home 10 mg, work 20 hours, text neck since 2015",
]


@pytest.mark.parametrize("marked", PHONES)
def test_phones_are_found(marked):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(phone, Kind.PHONE) for phone in expected]


@pytest.mark.parametrize("marked", EMAILS)
def test_emails_are_found_however_they_are_spelled(marked):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(email, Kind.EMAIL) for email in expected]


@pytest.mark.parametrize(("marked", "kind"), PLACES_ON_THE_NET)
def test_addresses_of_the_net_and_names_on_it_are_found(marked, kind):
    text, expected = unmarked(marked)

    assert found_with_kind(text) == [(place, kind) for place in expected]


@pytest.mark.parametrize("text", NO_CONTACTS)
def test_clinical_text_holds_no_contacts(text):
    assert found_in(text) == []
