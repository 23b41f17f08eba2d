"""French of Canada: days in figures begin with the year (CAN/CSA-Z234.4), since 07/11 has two readings here."""

DATE_FORMAT = "j F Y"
TIME_FORMAT = "G\N{NO-BREAK SPACE}\\h\N{NO-BREAK SPACE}i"
DATETIME_FORMAT = "j F Y, G\N{NO-BREAK SPACE}\\h\N{NO-BREAK SPACE}i\N{NO-BREAK SPACE}\\H\\E"
SHORT_DATE_FORMAT = "Y-m-d"
SHORT_DATETIME_FORMAT = "Y-m-d H:i"
DATE_INPUT_FORMATS = ["%Y-%m-%d"]
TIME_INPUT_FORMATS = ["%H:%M", "%H:%M:%S"]
DATETIME_INPUT_FORMATS = ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S"]
