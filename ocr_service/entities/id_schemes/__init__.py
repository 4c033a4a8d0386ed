"""Schemes of national identity numbers, by country."""

from ocr_service.entities.id_schemes import europe, world
from ocr_service.entities.id_schemes.scheme import PREFIX, Layout, Proof, Scheme, index

__all__ = ["INDEX", "PREFIX", "SCHEMES", "Layout", "Proof", "Scheme"]

SCHEMES: tuple[Scheme, ...] = europe.SCHEMES + world.SCHEMES
INDEX = index(SCHEMES)
