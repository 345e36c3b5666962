"""The figures behind the sample; those that were published say by whom, the others are assumptions."""

import datetime as dt

from registry.choices import MinerKind, SightingKind

# Assumed. About 1,500 companies and entrepreneurs are registered beside some 4,000 private persons who declare.
KINDS = {
    MinerKind.LEGAL_ENTITY: 30.0,
    MinerKind.ENTREPRENEUR: 27.0,
    MinerKind.INDIVIDUAL: 42.0,
    MinerKind.OPERATOR: 1.0,
}

# Siberia has 18 % of the cases that MTS EnergyTool detected in 2025, and of Siberia's Irkutsk has 50, Novosibirsk 21,
# Krasnoyarsk 18 %. Rosseti found 128 farms in the North Caucasus in 2025, of which Dagestan 94 and Ingushetia 19. The
# rest is assumed; a region that is not named shares what is left.
REGIONS = {
    "RU-IRK": 9.0,
    "RU-NVS": 3.8,
    "RU-KYA": 3.2,
    "RU-BU": 0.8,
    "RU-ZAB": 0.7,
    "RU-KEM": 0.5,
    "RU-DA": 8.0,
    "RU-IN": 1.7,
    "RU-KC": 0.6,
    "RU-KB": 0.5,
    "RU-SE": 0.4,
    "RU-CE": 0.8,
    "RU-STA": 0.4,
    "RU-MOS": 11.0,
    "RU-MOW": 5.0,
    "RU-LEN": 5.5,
    "RU-SVE": 5.0,
    "RU-CHE": 3.5,
    "RU-ROS": 3.5,
    "RU-KDA": 3.5,
    "RU-TA": 3.0,
    "RU-SAM": 2.5,
    "RU-KHM": 2.0,
    "UA-14": 0.5,
    "UA-09": 0.4,
}
OTHER_REGIONS = 24.0
# Where a municipality of the region is on file, an operation lies in one of them as often as this.
IN_A_MUNICIPALITY = 0.6

# Where mining is banned all year, hardly anybody is in the register (TASS of 19 December 2025 on Zabaykalye: nobody).
BANNED = ("RU-DA", "RU-IN", "RU-KB", "RU-KC", "RU-SE", "RU-CE", "UA-14", "UA-09", "UA-23", "UA-65")
REGISTERED_WHERE_BANNED = 0.04

# “About 30 percent” (Deputy Finance Minister Chebeskov, 19 June 2025), “less than one third” at the end of 2025.
REGISTERED = 0.40
# Entries by months since November 2024, in proportion to the counts in the press: over 700 companies in April 2025,
# over 1,000 entries at the end of May, 1,364 at the end of October, about 1,500 early in 2026. The rest is assumed.
FIRST_ENTRY = dt.date(2024, 11, 1)
ENTRIES = (140, 190, 180, 190, 190, 190, 330, 110, 50, 45, 45, 45, 40, 30, 26, 25, 24, 22, 20, 20, 20, 18, 18, 18, 18)

# Assumed: what became of applications that led to no entry, and of entries that did not last, per obliged operation.
APPLIED, REFUSED, WITHDRAWN = 0.020, 0.030, 0.008
SUSPENDED, EXCLUDED = 0.020, 0.030
REFUSAL_REASONS = (
    "Incomplete application (synthetic sample)",
    "Inaccurate information (synthetic sample)",
    "Unexpunged conviction of a founder (synthetic sample)",
)
EXCLUSION_REASONS = (
    "Mining in a banned territory (synthetic sample)",
    "Inaccurate information (synthetic sample)",
    "Bankruptcy (synthetic sample)",
)

# Assumed.
FOREIGN = 0.005
STOPPED = 0.04
SITE_IF_REGISTERED, SITE_IF_NOT = 0.85, 0.35
METERED = 0.12
METERED_MONTHS = 6
OFF_GRID, OFF_GRID_UNKNOWN = 0.02, 0.15
WITH_DEVICES = 0.25

# Median capacity in kW and the spread of its logarithm. A private person may draw 6,000 kWh a month: 8.3 kW all day.
SIZES = {
    MinerKind.LEGAL_ENTITY: (350.0, 1.3),
    MinerKind.ENTREPRENEUR: (60.0, 1.1),
    MinerKind.INDIVIDUAL: (5.0, 0.6),
    MinerKind.OPERATOR: (4000.0, 0.9),
}

# Assumed: how many operations were seen at some time since 2024, and how many signs of then lead to nobody, for each
# operation on file.
SEEN = 0.12
SEEN_NOBODY = 0.04
# Assumed: for each operation on file, so many run that nobody has on file.
HIDDEN = 0.30
# Assumed: the last half year, in two windows, is seen by several lists at once. Of each: how likely it sees an
# operation of 100 kW in a window, how many times as likely where it is registered, and whether it sees the large ones
# more. Who is registered is never on the list of seizures; the audits are drawn at random.
WINDOWS, WINDOW_DAYS = 2, 91
SEEN_BY_SIZE = 0.2
LISTS = {
    SightingKind.GRID_ANOMALY: (0.16, 0.8, True),
    SightingKind.NETWORK_TRAFFIC: (0.14, 1.0, True),
    SightingKind.POOL: (0.10, 1.3, True),
    SightingKind.COMPLAINT: (0.05, 0.6, True),
    SightingKind.OTHER_REGISTER: (0.06, 1.8, True),
    SightingKind.SEIZURE: (0.02, 0.0, True),
    SightingKind.AUDIT: (0.03, 1.0, False),
}
# Assumed: by what a report names its operation: its miner, its meter, or only a name and an address.
NAMED_BY = ("miner", "meter", "words")
NAMES_IT = {
    SightingKind.GRID_ANOMALY: (0.05, 0.90, 0.05),
    SightingKind.NETWORK_TRAFFIC: (0.40, 0.25, 0.35),
    SightingKind.POOL: (0.60, 0.05, 0.35),
    SightingKind.COMPLAINT: (0.15, 0.25, 0.60),
    SightingKind.OTHER_REGISTER: (0.85, 0.0, 0.15),
    SightingKind.SEIZURE: (0.50, 0.40, 0.10),
    SightingKind.AUDIT: (0.60, 0.35, 0.05),
}
# Assumed: slips of the pen in a name or an address, one of them left out, and reports that name a neighbour.
SLIPS, LEFT_OUT, WRONG = 0.30, 0.12, 0.02
POWER_ERROR = 0.08
FIRST_WORDS = (
    "Baikal", "Angara", "Sever", "Kedr", "Vostok", "Vega", "Orion", "Altai", "Sayany", "Buran", "Kaskad", "Polyus",
    "Taiga", "Magnit", "Granit", "Yantar", "Topaz", "Kristall", "Sputnik", "Raduga", "Zarya", "Berkut", "Sokol",
    "Yenisei", "Onega", "Ladoga", "Ural", "Kama", "Volna", "Meridian", "Kontur", "Vektor", "Impuls", "Sfera", "Kvant",
    "Atlant", "Titan", "Neva", "Oka",
)  # fmt: skip
SECOND_WORDS = (
    "Hash", "Energo", "Blok", "Data", "Kripto", "Tok", "Server", "Volt", "Vatt", "Amper", "Uzel", "Stoika", "Kanal",
    "Region", "Invest", "Servis", "Tekhno", "Soft", "Trade", "Group", "Resurs", "Proekt", "Sistema", "Modul",
)  # fmt: skip
STREETS = (
    "Lenina", "Mira", "Zavodskaya", "Lesnaya", "Sovetskaya", "Gagarina", "Promyshlennaya", "Sosnovaya", "Rabochaya",
    "Lermontova", "Pushkina", "Sadovaya", "Polevaya", "Tsentralnaya", "Shkolnaya", "Stroitelei", "Energetikov",
    "Oktyabrskaya", "Kirova", "Chekhova", "Vokzalnaya", "Beregovaya", "Parkovaya", "Gornaya", "Severnaya", "Yuzhnaya",
    "Zapadnaya", "Novaya", "Dachnaya", "Ozyornaya", "Kosmonavtov",
)  # fmt: skip
HOUSES = 190
SIGHTINGS = {
    SightingKind.GRID_ANOMALY: 42.0,
    SightingKind.NETWORK_TRAFFIC: 30.0,
    SightingKind.COMPLAINT: 11.0,
    SightingKind.OTHER_REGISTER: 7.0,
    SightingKind.SEIZURE: 5.0,
    SightingKind.AUDIT: 5.0,
}

# Assumed: who declares always in time, and how the months of the others turn out.
DILIGENT = 0.82
LATE_MONTH, MISSED_MONTH = 0.15, 0.12
CURRENCIES = {"BTC": 88.0, "LTC": 6.0, "KAS": 4.0, "ETC": 2.0}
# Bitcoin per kW and month at some 18 J/TH and a network of 1,000 EH/s; the others at the same worth, roughly.
YIELD_PER_KW = {"BTC": 0.00075, "LTC": 0.75, "KAS": 900.0, "ETC": 4.0}
