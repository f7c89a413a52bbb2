"""How sure a share is that was counted in few rows."""

from math import sqrt
from statistics import NormalDist

LEVEL = 0.95
_Z = NormalDist().inv_cdf(0.5 + LEVEL / 2)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The Wilson score interval of a share, at 95 %, as two shares; of nothing from 0 to 1."""
    if not whole:
        return 0.0, 1.0
    share, spread = part / whole, _Z * _Z / whole
    middle, half = share + spread / 2, _Z * sqrt(share * (1 - share) / whole + spread / (4 * whole))
    return max((middle - half) / (1 + spread), 0.0), min((middle + half) / (1 + spread), 1.0)
