"""Which places a text names."""

# The provincial divisions, with the short names that reports use for the three of this region.
_OTHER_PLACES = (
    "山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 广东 广西 海南 "
    "重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆 香港 澳门 台湾"
)
PLACES: dict[str, tuple[str, ...]] = {
    "北京": ("北京", "京", "首都"),
    "天津": ("天津", "津"),
    "河北": ("河北", "冀"),
    **{name: (name,) for name in _OTHER_PLACES.split(" ")},
}


def places_in(text: str) -> set[str]:
    """The provinces and municipalities that a text names in full."""
    return {place for place in PLACES if place in text}
