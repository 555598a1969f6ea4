"""What the invented shop sells. Prices in cents of MOP; titles in English, Traditional Chinese and Portuguese."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Category(StrEnum):
    """Where a product stands in the shop."""

    TEA = "tea"
    CERAMICS = "ceramics"
    PASTRY = "pastry"
    HOME = "home"
    GIFT = "gift"


@dataclass(frozen=True)
class Product:
    """A product. `returnable`: when the customer merely changes their mind; `macau_only`: fresh, not sent abroad."""

    sku: str
    titles: dict[str, str]
    price: int
    category: Category
    returnable: bool
    macau_only: bool = False


# sku | price in MOP | en | zh-Hant | pt; "!" marks what cannot be returned, "~" what is also delivered in Macau only
_TABLE: dict[Category, str] = {
    Category.TEA: """
        TEA-PUE-100! | 138 | Aged Pu'er tea 100 g | 陳年普洱茶 100 克 | Chá Pu'er envelhecido 100 g
        TEA-PUE-357! | 420 | Pu'er tea cake 357 g | 普洱茶餅 357 克 | Bolo de chá Pu'er 357 g
        TEA-OOL-100! | 118 | Oolong tea 100 g | 烏龍茶 100 克 | Chá Oolong 100 g
        TEA-OOL-250! | 268 | Oolong tea 250 g tin | 烏龍茶 250 克罐裝 | Chá Oolong, lata de 250 g
        TEA-JAS-100! | 88 | Jasmine tea 100 g | 茉莉花茶 100 克 | Chá de jasmim 100 g
        TEA-JAS-250! | 198 | Jasmine tea 250 g tin | 茉莉花茶 250 克罐裝 | Chá de jasmim, lata de 250 g
        TEA-WHI-050! | 128 | White tea 50 g | 白茶 50 克 | Chá branco 50 g
        TEA-CHR-080! | 68 | Chrysanthemum tea 80 g | 菊花茶 80 克 | Chá de crisântemo 80 g
        TEA-BAG-020! | 58 | Jasmine tea bags, box of 20 | 茉莉花茶包 20 包 | Saquetas de chá de jasmim, caixa de 20
        TEA-SET-004! | 248 | Tea discovery box, four teas | 四款茶葉品味盒 | Caixa de descoberta com quatro chás
    """,
    Category.CERAMICS: """
        CER-POT-150 | 188 | Glazed teapot 150 ml | 釉面茶壺 150 毫升 | Bule vidrado 150 ml
        CER-POT-300 | 268 | Glazed teapot 300 ml | 釉面茶壺 300 毫升 | Bule vidrado 300 ml
        CER-POT-600 | 348 | Glazed teapot 600 ml | 釉面茶壺 600 毫升 | Bule vidrado 600 ml
        CER-YIX-150 | 468 | Unglazed Yixing-style teapot 150 ml | 宜興風格素燒茶壺 150 毫升 | Bule não vidrado de estilo Yixing 150 ml
        CER-YIX-300 | 588 | Unglazed Yixing-style teapot 300 ml | 宜興風格素燒茶壺 300 毫升 | Bule não vidrado de estilo Yixing 300 ml
        CER-CUP-GLD | 328 | Gold-rimmed cup set, four cups | 金邊茶杯套裝四隻 | Conjunto de quatro chávenas com rebordo dourado
        CER-CUP-STW | 168 | Stoneware tea cups, pair | 粗陶茶杯一對 | Par de chávenas de grés
        CER-GAI-120 | 148 | Gaiwan 120 ml | 蓋碗 120 毫升 | Gaiwan 120 ml
        CER-MUG-350 | 98 | Blue tile mug 350 ml | 藍瓷磚馬克杯 350 毫升 | Caneca azulejo 350 ml
        CER-PLT-018 | 118 | Small plate 18 cm, blue tile | 藍瓷磚小碟 18 厘米 | Prato pequeno azulejo 18 cm
        CER-LID-300 | 60 | Replacement lid for the 300 ml teapot | 300 毫升茶壺替換壺蓋 | Tampa de substituição para o bule de 300 ml
        CER-POT-ENG! | 428 | Engraved teapot 300 ml, made to order | 訂製刻字茶壺 300 毫升 | Bule gravado 300 ml, feito por encomenda
    """,
    Category.PASTRY: """
        PAS-ALM-200! | 78 | Almond biscuits, tin of 200 g | 杏仁餅罐裝 200 克 | Biscoitos de amêndoa, lata de 200 g
        PAS-ALM-400! | 138 | Almond biscuits, tin of 400 g | 杏仁餅罐裝 400 克 | Biscoitos de amêndoa, lata de 400 g
        PAS-EGG-250! | 88 | Egg rolls, tin of 250 g | 蛋卷罐裝 250 克 | Rolinhos de ovo, lata de 250 g
        PAS-PEA-200! | 58 | Peanut candy, tin of 200 g | 花生糖罐裝 200 克 | Doce de amendoim, lata de 200 g
        PAS-SES-200! | 58 | Sesame brittle, tin of 200 g | 芝麻脆糖罐裝 200 克 | Crocante de sésamo, lata de 200 g
        PAS-MOO-004!~ | 268 | Lotus mooncakes, box of four | 蓮蓉月餅四個裝 | Bolos lunares de lótus, caixa de quatro
        PAS-TAR-006!~ | 98 | Custard tart kit for six | 葡撻材料包六個 | Kit para seis pastéis de nata
    """,
    Category.HOME: """
        HOM-RUN-040 | 168 | Linen table runner 40 x 180 cm | 亞麻桌旗 40 x 180 厘米 | Caminho de mesa em linho 40 x 180 cm
        HOM-CLO-200 | 298 | Linen tablecloth 140 x 200 cm | 亞麻桌布 140 x 200 厘米 | Toalha de mesa em linho 140 x 200 cm
        HOM-CLO-250 | 358 | Linen tablecloth 140 x 250 cm | 亞麻桌布 140 x 250 厘米 | Toalha de mesa em linho 140 x 250 cm
        HOM-APR-ONE | 138 | Linen apron, one size | 亞麻圍裙均碼 | Avental de linho, tamanho único
        HOM-APR-KID | 98 | Children's apron, 3 to 8 years | 兒童圍裙 3 至 8 歲 | Avental de criança, 3 a 8 anos
        HOM-CAN-OSM | 128 | Osmanthus candle | 桂花香氛蠟燭 | Vela de osmanto
        HOM-TRY-BAM | 188 | Bamboo tea tray | 竹茶盤 | Tabuleiro de chá em bambu
        HOM-SCO-WOO | 38 | Wooden tea scoop | 木茶匙 | Colher de chá em madeira
        HOM-LAN-PAP | 158 | Paper lantern | 紙燈籠 | Lanterna de papel
    """,
    Category.GIFT: """
        GIF-BOX-TEA | 398 | Gift box: glazed teapot and two cups | 茶壺配雙杯禮盒 | Caixa de oferta: bule vidrado e duas chávenas
        GIF-BOX-HOM | 288 | Gift box: candle and wooden tea scoop | 香氛蠟燭配木茶匙禮盒 | Caixa de oferta: vela e colher de chá em madeira
    """,
}


def products() -> dict[str, Product]:
    """Every product by its sku, in the order of the shop's shelves."""
    found = [_product(line, category) for category, table in _TABLE.items() for line in table.strip().splitlines()]
    return {product.sku: product for product in found}


def _product(line: str, category: Category) -> Product:
    marked, price, *titles = (cell.strip() for cell in line.split("|"))
    return Product(
        sku=marked.rstrip("!~"),
        titles=dict(zip(("en", "zh-Hant", "pt"), titles, strict=True)),
        price=int(price) * 100,
        category=category,
        returnable="!" not in marked,
        macau_only="~" in marked,
    )
