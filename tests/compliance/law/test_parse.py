"""Every way in which a pack can be wrong is refused with the line on which it is wrong and a sentence that says how."""

from collections.abc import Callable
from pathlib import Path

import pytest

from compliance.law.load import PACKS
from compliance.law.parse import pack_read
from compliance.law.schema import PackRefused
from tests.compliance.law.bad import Bad, assert_refused

BAD = {
    "unknown key at the top": Bad(
        "claims:\n",
        "claimz: [] # here\nclaims:\n",
        "The pack's file has the unknown key “claimz”",
    ),
    "unknown key of the pack": Bad(
        '  version: "1"',
        '  version: "1"\n  author: me # here',
        "The pack has the unknown key “author”",
    ),
    "unknown key of a norm": Bad(
        "    title: Registration",
        "    titel: Registrierung # here\n    title: Registration",
        "Norm ru.registration has the unknown key “titel”",
    ),
    "key twice": Bad(
        "    title: Registration",
        "    title: One\n    title: Two # here",
        "has the key “title” twice",
    ),
    "missing key": Bad(
        "    kind: ban\n",
        "",
        "Norm ru.ban lacks “kind”",
        at="  - code: ru.ban",
    ),
    "missing title": Bad(
        "    title: Law on mining\n",
        "",
        "Act ru.law-on-mining lacks “title”",
        at="  - code: ru.law-on-mining",
    ),
    "nothing under a key": Bad(
        "    title: Ban\n",
        '    title: "" # here\n',
        "Norm ru.ban has nothing under “title”",
    ),
    "a number for words": Bad(
        "    title: Ban\n",
        "    title: 12 # here\n",
        "Norm ru.ban needs words (in quotes, where YAML takes them for another thing) under “title”, not “12”",
    ),
    "too long": Bad(
        "    title: Ban\n",
        (f"    title: {'x' * 201} # here\n"),
        "has 201 letters under “title”; 200 fit",
    ),
    "missing citation": Bad(
        (
            "    article: art. 9\n"
            "        offenders: [legal_entity]\n"
            "        occurrence: first\n"
            "        amount: {low: 100, high: 200, currency: RUB}\n"
            "        confidence: M\n"
            "        sources: [wire]\n"
        ),
        (
            "    article: art. 9\n"
            "        offenders: [legal_entity]\n"
            "        occurrence: first\n"
            "        amount: {low: 100, high: 200, currency: RUB}\n"
            "        confidence: M\n"
        ),
        "A penalty of Book ru.law cites no source; without one its confidence must be L and a note must say",
        at="      - norms: [ru.registration]",
    ),
    "missing confidence": Bad(
        ("statuses:\n      - {status: adopted, from: 2024-08-08, until: 2024-10-31, confidence: H, sources"),
        "statuses:\n      - {status: adopted, from: 2024-08-08, until: 2024-10-31, sources",
        "A status of Act ru.law-on-mining lacks “confidence”",
        at="      - {status: adopted",
    ),
    "unknown confidence": Bad(
        "    confidence: H\n    sources: [wire]\n    areas",
        "    confidence: X # here\n    sources: [wire]\n    areas",
        "Norm ru.ban has “X” under “confidence”; it must be one of H, M, L",
    ),
    "unknown page": Bad(
        "    confidence: H\n    sources: [wire]\n    areas",
        "    confidence: H\n    sources: [tass] # here\n    areas",
        "Norm ru.ban cites “tass”, which is not in the pack's list of sources",
    ),
    "page without an address": Bad(
        '"https://example.org/wire"',
        '"example.org"',
        "Source wire needs an address that begins with https:// or http://, not “example.org”",
        at="  wire:",
    ),
    "status that ends before it starts": Bad(
        "until: 2024-10-31, confidence: H, sources: [wire]}",
        "until: 2024-08-01, confidence: H, sources: [wire]} # here",
        "ends on 2024-08-01, before it starts on 2024-08-08",
    ),
    "norm that ends before it starts": Bad(
        "    from: 2024-11-01\n    parameters",
        "    from: 2024-11-01\n    until: 2024-10-01 # here\n    parameters",
        "Norm ru.registration ends on 2024-10-01, before it starts on 2024-11-01",
    ),
    "no such day": Bad(
        "    from: 2024-11-01\n    parameters",
        "    from: 2024-11-31 # here\n    parameters",
        "Norm ru.registration needs a day such as 2025-01-31 under “from”, not “2024-11-31”",
    ),
    "lowest above highest": Bad(
        "amount: {low: 100, high: 200, currency: RUB}",
        "amount: {low: 300, high: 200, currency: RUB} # here",
        "The amount of a penalty of Book ru.law has its low end at 300, above its high end at 200",
    ),
    "negative amount": Bad(
        "amount: {low: 100, high: 200, currency: RUB}",
        "amount: {low: -100, high: 200, currency: RUB} # here",
        "needs a number that is not negative under “low”, not “-100”",
    ),
    "amount in words": Bad(
        "amount: {low: 100, high: 200, currency: RUB}",
        "amount: much # here",
        "The amount of a penalty of Book ru.law must be a mapping of keys to values",
    ),
    "half an amount": Bad(
        "amount: {low: 100, high: 200, currency: RUB}",
        "amount: {low: 100, currency: RUB} # here",
        "The amount of a penalty of Book ru.law lacks “high”",
    ),
    "unknown currency": Bad(
        "amount: {low: 100, high: 200, currency: RUB}",
        "amount: {low: 100, high: 200, currency: RUR} # here",
        "is in “RUR”, which is no currency of ISO 4217",
    ),
    "unknown territory of a ban": Bad(
        "territories: [RU-BU]",
        "territories: [RU-BUR] # here",
        "names the territory “RU-BUR”, which is neither of ISO 3166 nor declared under “territories”",
    ),
    "unknown territory of a claim": Bad(
        "    territory: RU\n    said_by",
        "    territory: UR # here\n    said_by",
        "Claim ru.claim.third names the territory “UR”",
    ),
    "own territory without its mark": Bad(
        "  - {code: RU-IRK-x-angarsk,",
        "  - {code: RU-IRK-angarsk, # here\n    ",
        "Territory RU-IRK-angarsk has the code “RU-IRK-angarsk”; our own codes are marked by “-x-”",
    ),
    "unknown unit": Bad(
        "    unit: share",
        "    unit: percent # here",
        "Claim ru.claim.third has “percent” under “unit”; it must be one of share, miners",
    ),
    "share above one": Bad(
        "    high: 0.33",
        "    high: 33",
        "Claim ru.claim.third is a share, which lies between 0 and 1",
        at="  - code: ru.claim.third",
    ),
    "claim about no day": Bad(
        "    bounds: registration_rate\n",
        "    about_on: last summer # here\n    bounds: registration_rate\n",
        "Claim ru.claim.third needs a day such as 2025-01-31 under “about_on”, not “last summer”.",
    ),
    "claim with an empty quote": Bad(
        "    bounds: registration_rate\n",
        "    quote: '' # here\n    bounds: registration_rate\n",
        "Claim ru.claim.third has nothing under “quote”",
    ),
    "claim with marks around its quote": Bad(
        "    bounds: registration_rate\n",
        "    quote: “One third.” # here\n    bounds: registration_rate\n",
        "Claim ru.claim.third has quotation marks around its quote; write the words alone.",
    ),
    "claim said in too many words": Bad(
        "    bounds: registration_rate\n",
        f"    where: {'far ' * 60}# here\n    bounds: registration_rate\n",
        "Claim ru.claim.third has 239 letters under “where”; 200 fit.",
    ),
    "claim with a key of another noun": Bad(
        "    bounds: registration_rate\n",
        "    where_said: In a paper # here\n    bounds: registration_rate\n",
        "Claim ru.claim.third has the unknown key “where_said”; it takes about_on, bounds, code",
    ),
    "claim upside down": Bad(
        "    low: 0.3\n",
        "    low: 0.4 # here\n",
        "has its low figure at 0.4, above its high one at 0.33",
    ),
    "figure without unit": Bad(
        "    unit: share\n",
        "",
        "Claim ru.claim.third has a figure but no unit",
        at="  - code: ru.claim.third",
    ),
    "unknown register": Bad(
        "    register: ru.miners",
        "    register: ru.minerz # here",
        "Norm ru.registration names the register “ru.minerz”, which the pack does not have",
    ),
    "unknown act": Bad(
        "    act: ru.law-on-mining\n    kind: ban",
        "    act: ru.law # here\n    kind: ban",
        "Norm ru.ban names the act “ru.law”, which the pack does not have",
    ),
    "unknown norm": Bad(
        "norms: [ru.registration, ru.ban]",
        "norms: [ru.registration, ru.limit] # here",
        "names the norm “ru.limit”, which the pack does not have",
    ),
    "unknown kind of norm": Bad(
        "    kind: ban",
        "    kind: prohibition # here",
        "Norm ru.ban has “prohibition” under “kind”; it must be one of registration_duty, energy_limit",
    ),
    "unknown kind of miner": Bad(
        "    miner_kinds: [legal_entity]\n    from",
        "    miner_kinds: [company] # here\n    from",
        "has “company” under “miner_kinds”; each must be one of legal_entity, entrepreneur, individual, operator",
    ),
    "nobody addressed": Bad(
        "    miner_kinds: [legal_entity]\n    from",
        "    miner_kinds: [] # here\n    from",
        "Norm ru.registration needs at least one entry under “miner_kinds”",
    ),
    "unknown parameter": Bad(
        "    parameters: {}",
        "    parameters: {grace_days: 30} # here",
        "The parameter list of Norm ru.registration has the unknown key “grace_days”",
    ),
    "missing parameter": Bad(
        "    kind: registration_duty",
        "    kind: energy_limit",
        "The parameter list of Norm ru.registration lacks both “energy_kwh_month” and “energy_kwh_year”",
        at="    parameters: {}",
    ),
    "duty without a register": Bad(
        "    register: ru.miners\n",
        "",
        "Norm ru.registration is of the kind registration_duty, which needs a register",
        at="  - code: ru.registration",
    ),
    "act twice": Bad(
        "  - code: ru.bill\n",
        "  - code: ru.law-on-mining # here\n",
        "Act ru.law-on-mining is in the pack twice; it was first on line 15",
    ),
    "norm twice": Bad(
        "  - code: ru.ban\n",
        "  - code: ru.registration # here\n",
        "Norm ru.registration is in the pack twice",
    ),
    "code of another pack": Bad(
        "  - code: ru.book-of-bill",
        "  - code: kz.book-of-bill # here",
        "Book kz.book-of-bill needs a code that begins with “ru.”",
    ),
    "code with capitals": Bad(
        "  - code: ru.book-of-bill",
        "  - code: ru.Bill # here",
        "needs a code of small letters, digits, dots and hyphens under “code”, not “ru.Bill”",
    ),
    "overlapping statuses": Bad(
        (
            "until: 2024-10-31, confidence: H, sources: [wire]}\n"
            "      - {status: in_force, from: 2024-11-01, confidence: H, sources: [wire]}"
        ),
        (
            "until: 2024-11-01, confidence: H, sources: [wire]}\n"
            "      - {status: in_force, from: 2024-11-01, confidence: H, sources: [wire]} # here"
        ),
        "Act ru.law-on-mining has two statuses at once: 2024-08-08 to 2024-11-01, and from 2024-11-01",
    ),
    "season without zone": Bad(
        'season: {from: "11-15", until: "03-15", zone: Asia/Irkutsk}',
        'season: {from: "11-15", until: "03-15"} # here',
        "The season of an area of Norm ru.ban lacks “zone”",
    ),
    "season in no zone": Bad(
        "zone: Asia/Irkutsk}",
        "zone: Asia/Atlantis} # here",
        "names the time zone “Asia/Atlantis”, which does not exist",
    ),
    "season that never ends": Bad(
        "        until: 2027-03-15\n",
        "",
        "has a season but no “until”; a season is laid out year by year, so it must end",
        at="      - territories: [RU-BU]",
    ),
    "season on 29 February": Bad(
        'until: "03-15", zone',
        'until: "02-29", zone',
        'needs a day of every year such as "11-15" under “until”, not “02-29”',
        at="        season:",
    ),
    "ban before the act": Bad(
        (
            "        from: 2024-11-15\n"
            "        until: 2027-03-15\n"
            '        season: {from: "11-15", until: "03-15", zone: Asia/Irkutsk}\n'
        ),
        "        from: 2024-10-31\n        until: 2027-03-15\n",
        "An area of norm ru.ban is banned 2024-10-31 to 2027-03-15, outside its days (from 2024-11-01)",
        at="      - territories: [RU-BU]",
    ),
    "banned twice at once": Bad(
        "books:\n",
        (
            "      - territories: [RU-BU] # here\n"
            "        from: 2025-12-01\n"
            "        until: 2025-12-31\n"
            "        confidence: H\n"
            "        sources: [wire]\n"
            "books:\n"
        ),
        "Norm ru.ban bans RU-BU twice at once: 2025-11-15 to 2026-03-15, and 2025-12-01 to 2025-12-31",
    ),
    "two bands at once": Bad(
        "  - code: ru.book-of-bill",
        (
            "      - norms: [ru.registration] # here\n"
            "        act: ru.law-on-mining\n"
            "        article: art. 10\n"
            "        offenders: [legal_entity]\n"
            "        occurrence: first\n"
            "        amount: unknown\n"
            "        confidence: M\n"
            "        sources: [wire]\n"
            "  - code: ru.book-of-bill"
        ),
        "Book ru.law has two bands at once for ru.registration, legal_entity, first offence; the other is on line 67",
    ),
    "act in force by a weak source": Bad(
        "{status: in_force, from: 2024-11-01, confidence: H, sources: [wire]}",
        "{status: in_force, from: 2024-11-01, confidence: L, sources: [wire]} # here",
        "Act ru.law-on-mining is in force by a weak source only (L), and such a source makes no law",
    ),
    "norm in force by a weak source": Bad(
        "    parameters: {}\n    confidence: H",
        "    parameters: {}\n    confidence: L",
        "Norm ru.registration would be law in force by a weak source only (L)",
        at="  - code: ru.registration",
    ),
    "fine in force by a weak source": Bad(
        "currency: RUB}\n        confidence: M",
        "currency: RUB}\n        confidence: L",
        "A penalty of book ru.law (art. 9) would be a fine in force by a weak source only (L)",
        at="      - norms: [ru.registration]",
    ),
    "band of a bill among the law": Bad(
        "        act: ru.law-on-mining\n        article: art. 9",
        "        act: ru.bill\n        article: art. 9",
        "A penalty of book ru.law (art. 9) rests on act ru.bill, which is not law; it belongs in that bill's book",
        at="      - norms: [ru.registration]",
    ),
    "band of law without its act": Bad(
        "        act: ru.law-on-mining\n        article: art. 9",
        "        article: art. 9",
        "A penalty of book ru.law (art. 9) must name its act: this book holds the law in force",
        at="      - norms: [ru.registration]",
    ),
    "second book of law": Bad(
        "    kind: bill\n",
        "    kind: law\n",
        "The pack has more than one book of the law in force",
        at="  - code: ru.book-of-bill",
    ),
    "bill without act": Bad(
        "    act: ru.bill\n    penalties",
        "    penalties",
        "prices a bill and must name its act",
        at="  - code: ru.book-of-bill",
    ),
    "bill that is law": Bad(
        "    act: ru.bill\n    penalties",
        "    act: ru.law-on-mining\n    penalties",
        "Book ru.book-of-bill prices act ru.law-on-mining as a bill, but that act is in force",
        at="  - code: ru.book-of-bill",
    ),
    "norm after its act": Bad(
        "    from: 2024-11-01\n    parameters",
        "    from: 2024-08-08\n    until: 2024-10-31\n    parameters",
        "Norm ru.registration is never in force: act ru.law-on-mining is not in force on any of its days",
        at="  - code: ru.registration",
    ),
    "not YAML": Bad(
        "pack:\n",
        "pack: [\n",
        "This is not YAML",
        at="  title: Russia",
    ),
    "a list of nothing": Bad(
        "  - code: ru.bill\n",
        "  - ru.bill\n  - code: ru.bill\n",
        "Act must be a mapping of keys",
        at="  - ru.bill",
    ),
    "list expected": Bad(
        "        offenders: [legal_entity]\n",
        "        offenders: legal_entity # here\n",
        "needs a list",
    ),
    "same entry twice": Bad(
        "        offenders: [legal_entity]\n",
        "        offenders: [legal_entity, legal_entity] # here\n",
        "lists “legal_entity” twice under “offenders”",
    ),
    "ban after its act": Bad(
        "{status: in_force, from: 2024-11-01, confidence: H, sources: [wire]}",
        ("{status: in_force, from: 2024-11-01, until: 2024-12-31, confidence: H, sources: [wire]}"),
        "An area of norm ru.ban is banned 2024-11-15 to 2025-03-15, outside its days (2024-11-01 to 2024-12-31)",
        at="      - territories: [RU-BU]",
    ),
    "look-back by a weak source": Bad(
        "        amount: {low: 100, high: 200, currency: RUB}\n",
        (
            "        amount: {low: 100, high: 200, currency: RUB}\n"
            "        lookback: {days: 365, confidence: L, note: A guess}\n"
        ),
        "A penalty of book ru.law (art. 9) counts earlier fines by a weak source only (L)",
        at="      - norms: [ru.registration]",
    ),
    "look-back of no days": Bad(
        "lookback: {days: 365,",
        "lookback: {days: 0,",
        "The look-back of a penalty of Book ru.book-of-bill needs from 1 to 36525 days under “days”",
        at="        lookback:",
    ),
    "days that are no number": Bad(
        "lookback: {days: 365,",
        "lookback: {days: a year,",
        "needs a whole number under “days”, not “a year”",
        at="        lookback:",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_pack_is_refused_with_line_and_sentence_when(bad: Bad, pack_with: Callable[..., Path]) -> None:
    assert_refused(bad, pack_with)


def test_one_fault_is_told_once_when_others_refer_to_the_faulty_item(pack_with: Callable[..., Path]) -> None:
    path = pack_with(("    article: art. 1\n", ""))

    with pytest.raises(PackRefused) as refused:
        pack_read(path)

    assert [problem.sentence for problem in refused.value.problems] == ["Norm ru.registration lacks “article”."]


def test_all_faults_are_told_when_there_are_several(pack_with: Callable[..., Path]) -> None:
    path = pack_with(
        ("    citation: No. 1\n", ""), ("    kind: bill\n", "    kind: dream\n"), ("    unit: share", "    unit: part")
    )

    with pytest.raises(PackRefused) as refused:
        pack_read(path)

    assert [(problem.line, problem.sentence.split(";")[0]) for problem in refused.value.problems] == [
        (15, "Act ru.law-on-mining lacks “citation”."),
        (75, "Book ru.book-of-bill has “dream” under “kind”"),
        (96, "Claim ru.claim.third has “part” under “unit”"),
    ]


def test_pack_is_refused_when_it_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "ru.yaml"
    path.write_bytes("pack:\n  title: Россия".encode("cp1251"))

    with pytest.raises(PackRefused, match=r"ru\.yaml, line 2: The file is not UTF-8 text"):
        pack_read(path)


def test_pack_is_refused_when_it_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "ru.yaml"
    path.write_text("# nothing yet\n", encoding="utf-8")

    with pytest.raises(PackRefused, match="The file is empty"):
        pack_read(path)


def test_sound_pack_is_read(pack_with: Callable[..., Path]) -> None:
    pack = pack_read(pack_with())

    assert [norm.code for norm in pack.norms] == ["ru.registration", "ru.ban"]
    assert [str(period) for period in pack.norms[1].areas[0].periods] == [
        "2024-11-15 to 2025-03-15",
        "2025-11-15 to 2026-03-15",
        "2026-11-15 to 2027-03-15",
    ]


@pytest.mark.parametrize("path", sorted(PACKS.glob("*.yaml")), ids=lambda path: path.stem)
def test_pack_of_the_service_is_sound(path: Path) -> None:
    pack_read(path)
