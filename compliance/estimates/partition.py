"""The partition by registration: N = aR + ΣU by size class, where the lists tell of the unregistered alone.

R is counted; only U is estimated, from the lists of the operations that are not in the register. So a list on which
only unregistered operations can be, such as seizures, does no harm (§ 4.2, 4.3).
"""

from compliance.estimates.context import Context
from compliance.estimates.headline import headline
from compliance.estimates.headline_figures import Headline
from compliance.estimates.linkage import Review
from compliance.estimates.strata import ListTraits, Settings, Stratum, pooled
from compliance.estimates.stratum_models import StratumModel
from compliance.estimates.unregistered import stratum_model, stratum_replicates

__all__ = [
    "Context",
    "Headline",
    "ListTraits",
    "Review",
    "Settings",
    "Stratum",
    "StratumModel",
    "headline",
    "pooled",
    "stratum_model",
    "stratum_replicates",
]
