"""What belongs together, and how far annotators agree: pure functions over annotations.

Every measure can be had from here by its name, as in `from tahkim.agreement import alpha`; what it needs is loaded
when it is first asked for, so that `align` alone stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tahkim.agreement.attributes import attribute_alpha
    from tahkim.agreement.bootstrapping import bootstrap
    from tahkim.agreement.coefficients import (
        Coefficient,
        alpha,
        cohen_kappa,
        fleiss_kappa,
        gwet_ac1,
        percent,
        scott_pi,
    )
    from tahkim.agreement.gammas import Gamma, gamma
    from tahkim.agreement.relations import relation_alpha, relation_f1
    from tahkim.agreement.report import Agreement, agree
    from tahkim.agreement.spans import span_f1
    from tahkim.agreement.tokens import token_ratings
    from tahkim.agreement.unitizing import alpha_unitizing

_MODULES = {
    "Agreement": "report",
    "Coefficient": "coefficients",
    "Gamma": "gammas",
    "agree": "report",
    "alpha": "coefficients",
    "alpha_unitizing": "unitizing",
    "attribute_alpha": "attributes",
    "bootstrap": "bootstrapping",
    "cohen_kappa": "coefficients",
    "fleiss_kappa": "coefficients",
    "gamma": "gammas",
    "gwet_ac1": "coefficients",
    "percent": "coefficients",
    "relation_alpha": "relations",
    "relation_f1": "relations",
    "scott_pi": "coefficients",
    "span_f1": "spans",
    "token_ratings": "tokens",
}

__all__ = [
    "Agreement",
    "Coefficient",
    "Gamma",
    "agree",
    "alpha",
    "alpha_unitizing",
    "attribute_alpha",
    "bootstrap",
    "cohen_kappa",
    "fleiss_kappa",
    "gamma",
    "gwet_ac1",
    "percent",
    "relation_alpha",
    "relation_f1",
    "scott_pi",
    "span_f1",
    "token_ratings",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
