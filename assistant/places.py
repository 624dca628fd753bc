"""Which places a text names."""

import re

from index import Document

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
# The divisions below them in this region, without 区 and 市; those whose short name is a common word keep it.
_DISTRICTS = (
    "东城区 西城区 朝阳区 丰台 石景山 海淀 门头沟 房山 通州 顺义 昌平 大兴 怀柔 平谷 密云 延庆 "
    "和平区 河东区 河西区 南开 河北区 红桥 东丽 西青 津南 北辰 武清 宝坻 宁河 静海 蓟州 滨海新区 "
    "石家庄 唐山 秦皇岛 邯郸 邢台 保定 张家口 承德 沧州 廊坊 衡水 雄安 定州 辛集"
)
# Cities and countries further off, with the short names that stand for them.
_FAR_CITIES = (
    "深圳 广州 杭州 南京 苏州 武汉 成都 西安 郑州 济南 青岛 大连 沈阳 长春 哈尔滨 太原 呼和浩特 合肥 福州 厦门 南昌 "
    "长沙 南宁 海口 三亚 贵阳 昆明 拉萨 兰州 西宁 银川 乌鲁木齐 宁波 无锡 东莞 佛山"
)
_COUNTRIES = (
    "美国美 日本日 韩国韩 英国英 德国德 法国法 俄罗斯俄 印度印 欧盟欧 加拿大加 澳大利亚澳 巴西巴 越南越 新加坡新 泰国泰"
)
FAR: dict[str, tuple[str, ...]] = {
    **{name: (name,) for name in _FAR_CITIES.split(" ")},
    **{name[:-1]: (name[:-1], f"中{name[-1]}", f"{name[-1]}方", f"对{name[-1]}") for name in _COUNTRIES.split(" ")},
}
# The same letters in other words: 假日本市, 河西安置, 形成都市, 出海口, 复合肥, 经济南部.
_NOT_FAR = re.compile(
    "日本[市区级地月]|河西安|成都市[农圈型]|[形建]成都市|出海口|[复综]合肥|经济南|越南开|江西宁|大连[接续片锁]"
)
_FAR = re.compile("|".join(FAR))
_IN_ENGLISH = (
    "beijing北京 tianjin天津 hebei河北 shanxi山西 liaoning辽宁 jilin吉林 heilongjiang黑龙江 shanghai上海 jiangsu江苏 "
    "zhejiang浙江 anhui安徽 fujian福建 jiangxi江西 shandong山东 henan河南 hubei湖北 hunan湖南 guangdong广东 "
    "guangxi广西 hainan海南 chongqing重庆 sichuan四川 guizhou贵州 yunnan云南 tibet西藏 shaanxi陕西 gansu甘肃 "
    "qinghai青海 ningxia宁夏 xinjiang新疆 taiwan台湾"
)
_ENGLISH = dict(re.findall(r"([a-z]+)(\w+)", _IN_ENGLISH))
_ENGLISH_PLACE = re.compile(rf"\b(?:{'|'.join(_ENGLISH)})\b", re.IGNORECASE)
# "全国首个" ranks a place among all, and does not ask about all.
_NATION = re.compile(
    r"(?:全国|我国)(?!首|第|最|唯一|率先|领先|前|先进|重点|各地|人大|政协|运动会|排名|统一)|\bchina(?:'s)?\b|\bnationwide\b",
    re.IGNORECASE,
)
NATION_NAMES = ("全国", "我国", "中国", "国家", "国内")
DISTRICTS = tuple(_DISTRICTS.split(" "))
_DISTRICT = re.compile("|".join(DISTRICTS))
_WHOLE = r"全国|全省|全市|全区|我省|我市|本省|本市|我国"
_ANY = re.compile(f"{_WHOLE}|{'|'.join(PLACES)}|{'|'.join(DISTRICTS)}")


def places_in(text: str) -> set[str]:
    """The provinces and municipalities that a text names in full, or in English."""
    text = text.replace("河北区", "")
    english = {_ENGLISH[found.lower()] for found in _ENGLISH_PLACE.findall(text)}
    return english | {place for place in PLACES if place in text}


def far_places_in(text: str) -> set[str]:
    """The cities and countries further off that a text names."""
    return set(_FAR.findall(_NOT_FAR.sub("", text)))


def asks_of_nation(text: str) -> bool:
    """Does a question ask about the whole country and name no place in it?"""
    return bool(_NATION.search(text)) and not places_in(text)


def own_places(document: Document) -> set[str]:
    """The provinces and municipalities that a document is about: those of its title and of its file's name."""
    return places_in(document.title + document.file_name)


def districts_in(text: str) -> set[str]:
    """The districts and cities of the region that a text names."""
    return set(_DISTRICT.findall(text))


def place_before(text: str, at: int) -> str | None:
    """The last place named before a character of a text, "全省" and the like among them; None where there is none."""
    named = _ANY.findall(text, 0, at)
    return named[-1] if named else None
