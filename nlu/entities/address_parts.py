"""What addresses are put together from."""

from __future__ import annotations

from dataclasses import dataclass

CITIES = (
    "Macau|Macao|Taipa|Coloane|Cotai|Hong Kong|Kowloon|New Territories"
    "|Zhuhai|Shenzhen|Guangzhou|Shanghai|Beijing|Taipei|Lisboa|Lisbon|Porto"
    "|Coimbra|Braga|Faro|Aveiro|Set[uú]bal|Cascais|Sintra|Amadora|Almada|Funchal|[ÉE]vora|Leiria|S[ãa]o Paulo|Rio de Janeiro|Bras[ií]lia"
    "|Salvador|Belo Horizonte|Curitiba|Porto Alegre|Recife|Fortaleza|London|Manchester|Birmingham|Leeds|Glasgow|Edinburgh|Bristol|Liverpool"
    "|Cambridge|Oxford|New York|Los Angeles|Chicago|San Francisco|Boston|Seattle|Sydney|Melbourne|Singapore|Dublin|Toronto|Vancouver"
)
DISTRICTS = (
    "Wan Chai|Wanchai|Causeway Bay|Tsim Sha Tsui|TST|Mong Kok|Mongkok|Central|Sheung Wan|Admiralty|North Point|Quarry Bay|Sha Tin|Shatin"
    "|Tuen Mun|Tsuen Wan|Yuen Long|Kwun Tong|Sham Shui Po|Jordan|Yau Ma Tei"  # codespell:ignore yau
    "|Hung Hom|Tai Po|Sai Kung|Aberdeen|Kennedy Town|Tseung Kwan O"
)
COUNTRIES = "Portugal|Brasil|Brazil|UK|United Kingdom|England|USA|United States|China|Australia|Canada|Ireland"


@dataclass(frozen=True)
class Part:
    """A part of an address at a place; `value` replaces the text of the span when it is not empty."""

    start: int
    end: int
    role: str
    value: str = ""
