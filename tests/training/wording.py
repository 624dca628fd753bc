"""How people ask: other words for the words of official prose, near words that mean another thing, slips of the pen.

Written from general knowledge of the language, not from any set of questions that is measured with.
"""

import random
import re

# One line a meaning: any may stand for any other in a question.
SYNONYMS = """
增长 涨 增加 上升 提高|下降 降低 减少 降 下滑|达到 有 到 达|完成 做完 搞完 干了|建成 修好 建好 盖好 修成|新建 新修 新盖 新建了
改造 改建 整修|新增 多了 增加 添了 新添|投资 投钱 投入|企业 公司 单位|居民 老百姓 群众 市民|收入 进账 所得
地区生产总值 GDP 经济总量 生产总值|国内生产总值 GDP 经济总量|社会消费品零售总额 社零 消费总额 零售额|固定资产投资 投资
进出口总额 外贸额 进出口 外贸|财政收入 财政进账 税费收入|一般公共预算收入 财政收入 公共预算|人均可支配收入 人均收入 可支配收入
城镇 城里 城市|农村 乡下 村里 乡村|农民 农村居民 种地的|粮食 粮|总产量 产量 总产|铁路 铁道|高速公路 高速|公路 马路 道路
旅客 乘客 客流|货物 货|吞吐量 吞吐 进出货量|集装箱 箱子|机场 空港|学校 校|教师 老师|学生 孩子|老年人 老人 老人家|儿童 孩子 小孩
医疗机构 医院 诊所|卫生 医疗|医保 医疗保险|养老 养老服务|就业 找到工作 上岗|失业率 失业的比例|失业 没工作|岗位 工作 职位
住房 房子 住宅|商品房 房子|保障性住房 保障房|棚户区 棚户|老旧小区 旧小区|汽车 车|新能源汽车 电动车 新能源车|民营企业 民企 私企|国有企业 国企
外商 外资 外国公司|科学技术 科技|研究与试验发展 研发|研发经费 搞科研的钱 研发投入|专利 专利数|高新技术企业 高企 高新企业|技术合同 技术交易
城市 城 市里|全国 国内 我国 咱们国家|全省 省里 我省|全市 市里 我市 咱们市|面积 大小 地盘|人口 人数 人|总额 总数 总量|数量 数目 个数
能耗 能源消耗 用能|排放 排的|细颗粒物 PM2.5|空气质量 空气|污水 脏水|垃圾 废物|绿化 种树|森林 林地|水质 水|治理 整治 管|建设 修建 建
开工 动工 开建|竣工 完工 建完|开通 通车 启用|成立 设立 组建|印发 出台 发布 下发|制定 定 出台|实施 推行 落实 搞|举办 办 召开|签署 签 签订
引进 招来 引来|培育 培养 扶持|支持 帮 扶持|推进 推动 搞|加快 抓紧|荣获 拿到 获得 得了|入选 选上 进了|承担 负责|参与 参加
比重 占比 份额 比例|规模 大小 体量|浓度 含量|时间 工夫|发电量 发的电|用电量 用的电|装机容量 装机|储蓄存款 存款|贷款 借款|外汇储备 外储
旅游 游玩|旅游收入 旅游进账|入境旅游者 外国游客 入境游客|电话 电话机|互联网 网络 上网|用户 客户|价格 价 物价|居民消费价格 CPI 物价|批准 批|建立 设 建
贫困 穷|贫困人口 穷人 贫困户|脱贫 摘帽 脱贫了|救助 帮助|补助 补贴|财政 国库|投入 花|资金 钱 款子|税收 税|减税 少收税|贸易 买卖|出口 往外卖
进口 从国外买 买进|产业 行业|制造业 制造|工业 厂矿|农业 种地|服务业 第三产业|利润 赚的钱|产值 产出|增加值 增加的价值|耕地 田 农田|灌溉 浇水|水库 水坝
泊位 码头位|船舶 船只 船|航线 线路|口岸 关口|会议 会|合作 联手 协作|共建 一起建 合建|协议 约定 合约|高校 大学 高等学校|结算 报销|异地 外地|关停 关掉 关闭
淘汰 清退|处罚 罚|查处 抓|案件 案子|事故 出事|灾害 灾|演出 表演|游客 来玩的人|景区 景点|文物 老物件|博物馆 展馆|冠军 第一名|留学生 外国学生|毕业生 刚毕业的
农民工 打工的 务工人员|养老金 退休金|工资 薪水|纳税 交税|创业 开公司|试点 试验|示范 样板|机制 办法|制度 规矩|项目 工程|任务 事情|措施 办法 举措|专家 行家
减排 少排|节能 省电 省能源|降水 下雨|供热 供暖 暖气|燃气 煤气|自来水 用水|公交 公共汽车|地铁 轨道交通|停车位 车位|充电桩 充电的|通车里程 里程|宽带 上网
幼儿园 托儿所|义务教育 中小学|教育经费 办学的钱|课程 课|培训 上课 学习|志愿者 义工|社区 街坊|物业 小区管理|食品 吃的|药品 药|疫苗 打针|床位 病床|医生 大夫
目前 现在 如今|全年 一年 整年|累计 一共 总共 前后|平均 均|分别 各|共 一共 总共|超过 超 多于|将 要 打算|力争 争取 想|目标 指标|计划 打算 准备
"""

# One line a family: another member means another thing.
CONTRASTS = """
公路 铁路 水路 航空 管道 地铁|小学 初中 高中 幼儿园 大学 中职|城镇 农村|进口 出口|第一产业 第二产业 第三产业|国有 民营 外资 集体 个体
新建 改造 拆除 关闭|医院 学校 养老院 图书馆 博物馆 体育馆|粮食 棉花 油料 蔬菜 肉类 水产品 水果 糖料|煤炭 石油 天然气 电力 钢材 水泥 化肥
教育 卫生 文化 体育 科技 环保|失业 养老 医疗 工伤 生育|北京 天津 河北 上海 广东 江苏 浙江 山东|美国 日本 欧盟 东盟 韩国 俄罗斯 印度
工业 农业 建筑业 服务业 金融业|邮政 电信|固定电话 移动电话 宽带|空气 水 土壤 噪声|森林 草原 湿地 耕地 海洋|轿车 客车 货车 摩托车|国内 国际 入境 出境
存款 贷款|城市 农村|收入 支出|投资 消费|男 女|教师 学生 医生 护士 职工|开工 竣工|重点 一般|轻工业 重工业|发明 实用新型 外观设计|港口 机场 车站 口岸
水库 河道 堤防 湖泊|省 市 县 乡|党员 干部 群众|博士 硕士 本科|增值税 所得税 消费税|冰箱 彩电 空调 洗衣机 电脑 手机|猪 牛 羊 家禽|院士 工程师 技师
二氧化硫 化学需氧量 氨氮 氮氧化物|风电 水电 火电 核电 光伏|批发 零售 餐饮 住宿|工程 项目 企业 园区|研究所 实验室 技术中心 孵化器|老年人 儿童 残疾人 妇女
"""

DIRECTIONS = (
    ("增长", "下降"),
    ("增加", "减少"),
    ("提高", "降低"),
    ("上升", "下降"),
    ("涨", "降"),
    ("多了", "少了"),
    ("增速", "降幅"),
    ("涨幅", "降幅"),
    ("扩大", "缩小"),
)
# Characters that input methods and eyes confuse.
SLIPS = (
    "的得 在再 做作 像象 份分 帐账 建件 港岗 划化 园圆 域城 量两 历力 治制 制治 率律 经径 元圆 亿忆 项向 业叶 第弟 坐座 座坐 以已 已以 其期 位为 长常 "
    "公工 工公 通同 同通 级极 市是 省生 科课 资自 金今 投头 设射 排牌 放房 用佣 车撤 家加"
)
OPENINGS = ("", "", "", "", "", "", "请问", "问一下,", "想知道", "那个", "咱们", "这边")
ENDINGS = ("", "", "", "", "?", "?", "？", "呢", "啊", "来着", "呀?")
SHARES = (0.1, 0.5, 0.9)  # of the known words that are said otherwise
YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)年")


def _families(table: str) -> dict[str, tuple[str, ...]]:
    groups = [tuple(line.split()) for row in table.strip().splitlines() for line in row.split("|")]
    return {word: tuple(w for w in group if w != word) for group in groups for word in group}


_SYNONYM = _families(SYNONYMS)
_CONTRAST = _families(CONTRASTS)
_BY_LENGTH = re.compile("|".join(sorted((re.escape(w) for w in _SYNONYM if len(w) > 1), key=len, reverse=True)))
_OF_FAMILY = re.compile("|".join(sorted((re.escape(w) for w in _CONTRAST if len(w) > 1), key=len, reverse=True)))
_SLIP = {pair[0]: pair[1] for pair in SLIPS.split()}


def reworded(rng: random.Random, text: str, share: float) -> str:
    """The text with a share of its known words said otherwise."""
    return _BY_LENGTH.sub(lambda m: rng.choice(_SYNONYM[m[0]]) if rng.random() < share else m[0], text)


def contrasted(rng: random.Random, text: str, sentence: str) -> str | None:
    """The text with one word made another of its family that the sentence lacks; None where there is none."""
    found = [m for m in _OF_FAMILY.finditer(text) if any(w not in sentence for w in _CONTRAST[m[0]])]
    if not found:
        return None
    chosen = rng.choice(found)
    other = rng.choice([w for w in _CONTRAST[chosen[0]] if w not in sentence])
    return text[: chosen.start()] + other + text[chosen.end() :]


def turned(text: str) -> str | None:
    """The text with its direction turned round; None where it has none."""
    for up, down in DIRECTIONS:
        if up in text:
            return text.replace(up, down)
        if down in text:
            return text.replace(down, up)
    return None


def slipped(rng: random.Random, text: str) -> str:
    """The text with one wrong character, or one lost or doubled."""
    known = [at for at, c in enumerate(text) if c in _SLIP]
    if known and rng.random() < 0.7:
        at = rng.choice(known)
        return text[:at] + _SLIP[text[at]] + text[at + 1 :]
    at = rng.randrange(len(text))
    return text[:at] + text[at + 1 :] if rng.random() < 0.7 else text[:at] + text[at] + text[at:]


def spoken(rng: random.Random, question: str, share: float | None = None) -> str:
    """A question as somebody types it: other words, an opening, an ending, short years, now and then a slip."""
    asked = reworded(rng, question, rng.choice(SHARES) if share is None else share)
    if rng.random() < 0.3:
        asked = YEAR.sub(lambda m: m[1][2:] + "年", asked)
    asked = rng.choice(OPENINGS) + asked + rng.choice(ENDINGS)
    return slipped(rng, asked) if rng.random() < 0.06 and len(asked) > 6 else asked
