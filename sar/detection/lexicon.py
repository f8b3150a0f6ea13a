"""Small word lists about English names. Folded spellings; every list errs towards asking a person."""

from __future__ import annotations


def word_set(text: str) -> frozenset[str]:
    """The words of a list written as running text."""
    return frozenset(text.split())


MALE_TITLES = word_set("mr master sir lord brother father")
FEMALE_TITLES = word_set("mrs ms miss madam mme lady dame sister")
TITLES = (
    MALE_TITLES
    | FEMALE_TITLES
    | word_set(
        "mx dr doctor prof professor rev reverend judge justice sergeant sgt pc dc ds di dci constable inspector"
        " detective nurse matron midwife cllr councillor officer baby auntie aunty aunt uncle nan nana nanny gran"
        " grandma grandad grandpa granny captain cpt",
    )
)
POST_NOMINALS = word_set(
    "qc kc lj cj jr sr obe mbe cbe kbe phd md frcp frcs rgn rn rm bsc msc ma ba jp esq ii iii"
)
PARTICLES = word_set(
    "de la le du da di del della dos das van von der den ten ter el al bin bint ibn st san mac o"
)

MALE_NAMES = word_set(
    "adam adrian alan alfie andrew anthony antony arthur barry ben benjamin bradley brian callum carl charlie"
    " christopher colin craig daniel darren david dean dennis derek dominic douglas edward eric ethan gareth gary"
    " geoffrey george gerald graham harry henry ian jack jacob jake james jason john jonathan joseph joshua keith"
    " kenneth kevin kyle lee leo liam luke malcolm marcus mark martin matthew michael mohammed mohammad muhammad"
    " nathan neil nicholas nigel noah oliver oscar patrick paul peter philip raymond richard robert roger ronald"
    " ross roy russell ryan samuel scott sean shane simon stephen steven stuart terence thomas timothy tom tony"
    " trevor victor vincent wayne william zachary",
)
FEMALE_NAMES = word_set(
    "abigail alice alison amanda amelia amy andrea angela anita ann anna anne annie barbara beverley carol caroline"
    " catherine chantelle charlotte chelsea chloe christine claire danielle dawn debbie deborah denise diana donna"
    " dorothy eileen elizabeth ella ellie emily emma evie fiona freya gemma georgia gillian hannah hayley heather"
    " helen isabel isla jacqueline jane janet jasmine jean jennifer jessica joan joanna joanne judith julia julie"
    " karen kate katherine kathleen katie kayleigh kelly kerry kimberley laura lauren leanne lesley lily linda lisa"
    " louise lucy lynn maria margaret marie mary maureen megan melissa mia michelle molly nadia natalie natasha"
    " nicola olivia pamela patricia pauline philippa poppy rachel rebecca rosalind rosie ruth samantha sandra sarah"
    " sharon shirley siobhan sophia sophie stacey stephanie susan suzanne sylvia tia tina tracey tracy valerie"
    " vanessa victoria wendy yvonne zoe",
)

ORDINARY_WORDS = word_set(
    "an art august autumn bank baker ball banks barber bell best bill bishop black blue bond book bow brook brown"
    " bush butler butcher camp carer carter chance chase church clay close coach cole cook cooper crisp cross"
    " crown cruz dale dawn day dean destiny do drew earl early eve faith farmer field finch fisher fine flint"
    " ford forest fox frank friend gay gene gill glen gold good goose grace grange grant gray green grey grove guy"
    " hall hand harmony head heath heather hill holly holmes home hood hope house hunt hunter ivy jack jay jet joy"
    " june king lake lamb lance lane large law lee lily little lock long love low major man march mark marsh mason"
    " may mercy merry mice miles mill miller moon moor more moss new nice noble nick north oak olive page park"
    " parish parks parson pat patience penny peace pearl penny piper pike pole pool poor pope porter post potter"
    " power price prince prior prudence quick rain ray read reed rice rich ridge river rivers rob robin rock rod"
    " root rose rowe ruby rush sage sandy sharp shepherd short silver sky smart snow so south spring stone storm"
    " street strong sue summer summers sun swift sydney tanner taylor temple terry thorn tom town trinity turner"
    " vale violet walker wall ward waters way weaver webb wells west wheeler white wild will willow winter wise"
    " wood woods wren wright young art ali ben can dan dot ed hay hank herb josh kit max mo ned pam peg penn peter"
    " sam section stan ted tim van vic",
) - word_set(
    "ali ben dan josh sam stan ted tim vic pam peter hank ned mo taylor sydney finch jack tom terry robin"
)
"""Names that are also words: a lone one counts only with a capital letter."""

SHORTEST_LONE = 3
"""Letters a lone part of an unregistered name needs before it is looked for again."""

MONTHS = word_set("april may june august march")

_NICKNAME_GROUPS = (
    "abigail abi abby|alexander alex alec sandy|alexandra alex alexa sandra|alfred alf alfie fred|amanda mandy"
    "|andrew andy drew|anthony tony ant|antony tony ant|benjamin ben benny|bethany beth|catherine cath cathy kate"
    " katie|charles charlie chas chuck|charlotte charlie lottie|chantelle chan|christina chris tina chrissie"
    "|christine chris chrissie|christopher chris|daniel dan danny|danielle dani|david dave davey|deborah deb debs"
    " debbie|dorothy dot dottie dolly|edward ed eddie ted ned|eleanor ellie nell nellie|elizabeth liz lizzie beth"
    " betty eliza libby|emily em emmy|emma em|frances fran|francis frank|frederick fred freddie|gareth gaz"
    "|gary gaz|gerald gerry|geoffrey geoff|gillian gill|gregory greg|harold harry|henry harry hal|isabel izzy bel"
    "|isabella izzy bella|isla izzy|jacqueline jackie|james jim jimmy jamie|janet jan|jennifer jen jenny"
    "|jessica jess jessie|joanna jo|joanne jo|john johnny jack|jonathan jon jonny|joseph joe joey|joshua josh"
    "|judith judy jude|katherine kath kathy kate katie|kathleen kath kathy|kenneth ken kenny|kerry kez|kimberley kim"
    "|laurence larry|leonard len lenny|louise lou|lucinda lucy cindy|madeleine maddie|marcus marc mark"
    " maz|margaret maggie meg peggy marge|martin marty|matthew matt matty|megan meg|melanie mel|melissa mel lissa"
    "|michael mike mick mickey|michelle shell chelle|mohammed mo|mohammad mo|muhammad mo|natalie nat|natasha tash"
    "|nathan nate|nicholas nick nicky|nicola nicky nic|oliver ollie olly|olivia liv livvy|pamela pam|patricia pat"
    " tricia trish|patrick pat paddy|peter pete|philip phil|philippa pip pippa|rachel rach|raymond ray|rebecca becky"
    " becca|richard rich rick ricky dick|robert rob bob bobby robbie bert|ronald ron ronnie|rosalind roz ros"
    "|rosemary rose rosie|samantha sam sammy|samuel sam sammy|sandra sandy|sarah sally|stephanie steph"
    "|stephen steve|steven steve|stuart stu|susan sue susie|suzanne sue suzy|terence terry tel|theodore ted theo"
    "|theresa terri tess|thomas tom tommy|timothy tim|tracey trace|valerie val|victoria vicky tori|vincent vince"
    "|william will bill billy liam|yvonne von|zachary zach zac"
)
NICKNAMES = {group.split()[0]: tuple(group.split()[1:]) for group in _NICKNAME_GROUPS.split("|")}


def sex_of(first_name: str) -> str:
    """``m``, ``f`` or nothing: only ever used to tell that "Mr Hartley" is not Leanne Hartley."""
    if first_name in MALE_NAMES:
        return "" if first_name in FEMALE_NAMES else "m"
    return "f" if first_name in FEMALE_NAMES else ""


def sex_of_title(title: str) -> str:
    """The same for a title."""
    if title in MALE_TITLES:
        return "m"
    return "f" if title in FEMALE_TITLES else ""
