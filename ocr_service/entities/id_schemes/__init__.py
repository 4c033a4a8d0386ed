"""Schemes of national identity numbers, by country."""

from ocr_service.entities.id_schemes import europe, world
from ocr_service.entities.id_schemes.scheme import Layout, Proof, Scheme, by_shape, index

__all__ = ["INDEX", "LAYOUTS", "SCHEMES", "Layout", "Proof", "Scheme"]

SCHEMES: tuple[Scheme, ...] = europe.SCHEMES + world.SCHEMES
LAYOUTS = by_shape(SCHEMES)
INDEX = index(LAYOUTS)
