"""What a pack may not say of the status of its law over time, of its calendar and of what reaches back."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.compliance.law.bad import Bad, assert_refused

VERSION = '  version: "1"\n'
NORM = "    from: 2024-11-01\n    parameters: {}\n"
DUTY = f"    register: ru.miners\n    miner_kinds: [legal_entity]\n{NORM}"
LEVY = """    miner_kinds: [legal_entity]
    parameters:
      period: quarter
      due: {day: 20, months_after: 1}
      bands:
        - {rate: {low: 1, high: 1, currency: RUB}, from: 2025-01-01, confidence: H, sources: [wire]}
"""
BAND = "        article: art. 9\n"
CITED = "confidence: H, sources: [wire]"

BAD = {
    "calendar that nobody knows": Bad(
        VERSION,
        f"{VERSION}  calendar: RU-XX # here\n",
        "The pack names the calendar “RU-XX”, whose days off nobody knows",
    ),
    "milder law without a yes or no": Bad(
        VERSION,
        f"{VERSION}  milder_reaches_back: {{{CITED}}} # here\n",
        "What the pack says of milder laws lacks “value”",
    ),
    "milder law without a source": Bad(
        VERSION,
        f"{VERSION}  milder_reaches_back: {{value: true, confidence: H}} # here\n",
        "What the pack says of milder laws cites no source",
    ),
    "milder law by a weak source": Bad(
        VERSION,
        f"{VERSION}  milder_reaches_back: {{value: true, confidence: L, note: It is said}} # here\n",
        "A milder law would reach back by a weak source only (L)",
    ),
    "milder law in one word": Bad(
        VERSION,
        f"{VERSION}  milder_reaches_back: true # here\n",
        "What the pack says of milder laws must be a mapping of keys to values",
    ),
    "norm with two statuses at once": Bad(
        NORM,
        f"{NORM}    statuses:\n"
        f"      - {{status: in_force, from: 2024-11-01, {CITED}}}\n"
        f"      - {{status: suspended, from: 2025-06-01, {CITED}}} # here\n",
        "Norm ru.registration has two statuses at once: from 2024-11-01, and from 2025-06-01",
    ),
    "norm with an unknown status": Bad(
        NORM,
        f"{NORM}    statuses:\n      - {{status: valid, from: 2024-11-01, {CITED}}} # here\n",
        "A status of Norm ru.registration has “valid” under “status”; it must be one of draft, tabled",
    ),
    "norm with a status without a first day": Bad(
        NORM,
        f"{NORM}    statuses:\n      - {{status: in_force, {CITED}}} # here\n",
        "A status of Norm ru.registration lacks “from”",
    ),
    "norm with a list of no statuses": Bad(
        NORM,
        f"{NORM}    statuses: [] # here\n",
        "Norm ru.registration needs at least one entry under “statuses”",
    ),
    "norm with a status by a weak source": Bad(
        NORM,
        f"{NORM}    statuses:\n      - {{status: in_force, from: 2024-11-01, confidence: L, sources: [wire]}} # here\n",
        "Norm ru.registration is in force by a weak source only (L), and such a source makes no law",
    ),
    "norm in force before its act only": Bad(
        NORM,
        f"{NORM}    statuses:\n      - {{status: in_force, from: 2024-08-08, until: 2024-10-31, {CITED}}}\n",
        "Norm ru.registration is never in force: no day of its statuses in force is one of act ru.law-on-mining",
        at="  - code: ru.registration",
    ),
    "norm on days before its act only": Bad(
        NORM,
        "    until: 2024-10-31\n    parameters: {}\n",
        "Norm ru.registration is never in force: act ru.law-on-mining is not in force on any of its days",
        at="  - code: ru.registration",
    ),
    "band with two statuses at once": Bad(
        BAND,
        f"{BAND}        statuses:\n"
        f"          - {{status: adopted, from: 2024-11-01, until: 2025-01-01, {CITED}}}\n"
        f"          - {{status: in_force, from: 2025-01-01, {CITED}}} # here\n",
        "A penalty of book ru.law (art. 9) has two statuses at once: 2024-11-01 to 2025-01-01, and from 2025-01-01",
    ),
    "band with a status that ends before it starts": Bad(
        BAND,
        f"{BAND}        statuses:\n"
        f"          - {{status: in_force, from: 2025-01-01, until: 2024-12-31, {CITED}}} # here\n",
        "A status of a penalty of Book ru.law ends on 2024-12-31, before it starts on 2025-01-01",
    ),
    "band of the law for a norm that never is law": Bad(
        "    act: ru.law-on-mining\n    kind: registration_duty",
        "    act: ru.bill\n    kind: registration_duty",
        "A penalty of book ru.law (art. 9) punishes norm ru.registration, which is never law; no band of this book may",
        at="      - norms: [ru.registration]",
    ),
    "band of the law after the end of its norm": Bad(
        BAND,
        f"{BAND}        from: 2025-06-01\n",
        "A penalty of book ru.law (art. 9) punishes norm ru.registration, which is on none of its days law",
        at="      - norms: [ru.registration]",
        first=((NORM, f"    until: 2025-05-31\n{NORM}"),),
    ),
    "contradiction without its sentence": Bad(
        NORM,
        f"{NORM}    conflicts:\n      - {{{CITED}}} # here\n",
        "What contradicts Norm ru.registration lacks “says”",
    ),
    "contradiction without a source": Bad(
        NORM,
        f"{NORM}    conflicts:\n      - {{says: From 2025 on., confidence: M}} # here\n",
        "What contradicts Norm ru.registration cites no source",
    ),
    "contradiction of a status by an unknown page": Bad(
        "until: 2024-10-31, confidence: H, sources: [wire]}",
        "until: 2024-10-31, confidence: H, sources: [wire],\n"
        "         conflicts: [{says: In July., confidence: M, sources: [leak]}]} # here",
        "What contradicts a status of Act ru.law-on-mining cites “leak”, which is not in the pack's list of sources",
    ),
    "register of clients that does not exist": Bad(
        "{clients_register: ru.miners}",
        "{clients_register: ru.clients} # here",
        "Norm ru.registration names the register “ru.clients”, which the pack does not have",
        first=(
            ("    kind: registration_duty\n", "    kind: hosting\n"),
            (DUTY, "    miner_kinds: [operator]\n    parameters: {clients_register: ru.miners}\n"),
        ),
    ),
    "rate of a levy by an unknown page": Bad(
        "from: 2025-01-01, confidence: H, sources: [wire]}",
        "from: 2025-01-01, confidence: H, sources: [leak]}",
        "Norm ru.registration cites “leak” for a rate, which is not in the pack's list of sources",
        at="      period: quarter",
        first=(("    kind: registration_duty\n", "    kind: levy\n"), (DUTY, LEVY)),
    ),
    "kind of register that does not exist": Bad(
        "kind: miners, territory: RU, keeper: FNS",
        "kind: minerals, territory: RU, keeper: FNS",
        "Register ru.miners has “minerals” under “kind”; it must be one of miners, operators, pools, devices",
        at="  - {code: ru.miners",
    ),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_pack_is_refused_with_line_and_sentence_when(bad: Bad, pack_with: Callable[..., Path]) -> None:
    assert_refused(bad, pack_with)
