"""Cases: what a pack must say of persons whom it was not written for; facts in, duties, breaches and penalties out.

The file of a pack stands beside it, in `packs/cases/<code>.yaml`. Days are meant as the law says them, both included.

    cases:
      - case: "A company that mines in Moscow and is not in the register"
        on: 2026-11-22                      # the day of the question
        under: ru.scenario.fines            # optional: the law as this scenario of the pack has it
        miner: {kind: legal_entity, territory: RU-MOW, country: RU, operating: {from: 2025-01-10}}
        # all of these are optional; what is not said is not known to the law
        sites:
          - {name: hall, territory: RU-IRK-x-angarsk, capacity_kw: 500, off_grid: false, data_centre: true,
             interruptible_percent: 10, land_use: farmland, host: the host, disclosed_on: 2025-03-01,
             from: 2025-02-01, until: 2025-12-31, readings: {2025-03: 7000}, devices: 10}
        readings: {2025-03: 7000}           # kWh at the only site, which need not be named
        devices: 10                         # at the only site, for as long as that is open
        registrations:
          - {register: ru.miners, from: 2025-02-01, until: 2025-12-31, status: excluded}
        declarations: {2025-03: 2025-04-20} # the month and the day on which it was declared; or a list:
          # - {month: 2025-03, months: 3, on: 2025-04-20, currency: BTC, amount: 1, energy_kwh: 5000,
          #    contents: [addresses]}
        accounts: {2025: {gain: 4_000_000, damage: 0, turnover: 9_000_000, currency: RUB}}
        impediments:
          - {kind: conviction, from: 2023-05-01, until: 2027-05-01}
        owners:
          - {name: a trader, country: CN, share_percent: 60, from: 2025-01-01, until: 2025-12-31}
        fines:
          - {norm: ru.ban, on: 2026-05-01}
        others:                             # further persons, with a name and the same facts; the miner is “the miner”
          - {name: the host, kind: operator, territory: RU-MOW, country: RU, operating: {from: 2025-01-01}}
        expect:
          obliged: [ru.registration.miner]  # on the day
          breaches:                         # begun up to the day; without `until` it must still last on the day
            ru.registration.miner: {since: 2025-01-10}
            ru.ban: [{since: 2025-01-10, until: 2025-03-15}, {since: 2025-11-15}]
          undetermined: {ru.reporting.monthly: "whether currency was mined in the month"}
          penalties:                        # of the breaches that last on the day; each book that is named is whole
            ru.law: {ru.registration.miner: unknown}
            ru.bill: {ru.registration.miner: {low: 400_000, high: 500_000, currency: RUB, occurrence: first}}
        allowed:                            # one question of a place, or a list; `on` as above where it is not said
          {territory: RU-DA, on: 2026-11-22, verdict: banned, by: [ru.ban]}

What is expected is all that may be found: a duty, a breach or an unknown fact that the case does not name is a failure.
A case may leave out `miner` with all its facts and `expect`, and only ask what is allowed.
"""

from compliance.law.cases.reading import cases_path, cases_read
from compliance.law.cases.running import case_failures, law_tried
from compliance.law.cases.schema import CaseItem, Cases

__all__ = ["CaseItem", "Cases", "case_failures", "cases_path", "cases_read", "law_tried"]
