"""Which data element a column is: by what its cells pass as, and by what its header says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from schemas.codes import code_lists
from schemas.glossary import glossary
from schemas.register import Element, register
from transforms.draft.content import Content
from transforms.draft.headers import Meaning

SURE, LIKELY, PASSING = 0.95, 0.8, 0.6
"""Shares of cells: nothing else comes into question; the element without a header that says so; the element where the header says so too."""

CHECKED = ("uscc", "registration_number", "organisation_code", "licence_number", "plate_number")
FEWEST_CHECKED = 3
"""So many different cells that pass a check digit are no accident."""

DAYS = ("date", "datetime", "month")
NAMES = ("person_name", "organisation_name")
ADDRESSES = ("address_text", "plate_text")
LONG = 12.0
"""Characters from which on a text without a word in its header may say something of people."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The element of a column, why in Chinese, and what is doubtful about it (empty: nothing)."""

    element: str
    basis: str
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the table as a whole tells of a column: all its words, and whether its rows are about organisations."""

    words: str
    about_organisations: bool


def recognise_all(meanings: Sequence[Meaning], contents: Sequence[Content], title: str) -> list[Verdict]:
    """The element of every column of a table; title: what file, sheet or dataset are called."""
    words = title + "".join(meaning.text for meaning in meanings)
    verdicts = [recognise(meaning, content, Surroundings(words, False)) for meaning, content in zip(meanings, contents, strict=True)]
    for place in range(1, len(verdicts)):
        if (
            verdicts[place - 1].element == "longitude"
            and verdicts[place].element == "decimal"
            and contents[place].share("latitude") >= SURE
        ):
            verdicts[place] = Verdict("latitude", "在经度之后，取值在纬度范围内", "请核对是不是纬度")
    kinds = {meaning.role for meaning, verdict in zip(meanings, verdicts, strict=True) if verdict.element == "document_type_code"}
    for place, (meaning, content) in enumerate(zip(meanings, contents, strict=True)):
        # Where nothing says of what kind the documents are, and all are citizen numbers, no other kind is meant.
        if verdicts[place].element == "document_number" and not {meaning.role, ""} & kinds and content.share("citizen_number") >= SURE:
            verdicts[place] = replace(verdicts[place], element="citizen_number")
    alone = [verdict.element for verdict, meaning in zip(verdicts, meanings, strict=True) if not meaning.role]
    if ("uscc" in alone or "organisation_name" in alone) and not {"citizen_number", "document_number"} & {*alone}:
        verdicts = [
            replace(verdict, element="organisation_phone") if verdict.element == "phone" and not _of_a_person(meaning) else verdict
            for verdict, meaning in zip(verdicts, meanings, strict=True)
        ]
    return verdicts


def _of_a_person(meaning: Meaning) -> bool:
    return meaning.role in glossary().roles["persons"]


def recognise(meaning: Meaning, content: Content, around: Surroundings) -> Verdict:
    """The element of one column."""
    if not content.read and not content.distinct:
        element = meaning.element or "text"
        return Verdict(element, "只凭表头", "列是空的")
    checked = _checked(meaning, content)
    if checked:
        return checked
    if meaning.word is not None and (named := _as_named(meaning, content, around)):
        return named
    found = _by_content(meaning, content, around)
    if meaning.is_sure and meaning.element and register()[meaning.element].parser not in ("text", "name", "address"):
        label = register()[meaning.element].label
        return replace(found, doubt=f"表头像“{label}”，但只有 {content.share(meaning.element):.0%} 的取值符合")
    return found


def _checked(meaning: Meaning, content: Content) -> Verdict | None:
    """An identifier that its check digit, or a narrow pattern, gives away."""
    best = max(CHECKED, key=content.share)
    citizens = content.share("citizen_number")
    enough = content.read >= FEWEST_CHECKED or meaning.element in (*CHECKED, "citizen_number", "document_number")
    if enough and citizens >= PASSING and citizens >= content.share(best):
        wide = meaning.element == "document_number" or (meaning.element != "citizen_number" and citizens < SURE)
        name = "document_number" if wide else "citizen_number"
        return Verdict(name, f"{citizens:.0%} 的取值通过公民身份号码校验", "" if meaning.element == name else _unlike(meaning, name))
    if enough and content.share(best) >= PASSING:
        label = register()[best].label
        return Verdict(
            best, f"{content.share(best):.0%} 的取值通过“{label}”校验", "" if meaning.element == best else _unlike(meaning, best)
        )
    return None


def _unlike(meaning: Meaning, name: str) -> str:
    told = meaning.element if meaning.is_sure else None
    harmless = told is None or register()[told].parser in ("text", "identifier")
    return "" if harmless else f"表头像“{register()[str(told)].label}”，按内容认作“{register()[name].label}”"


def _as_named(meaning: Meaning, content: Content, around: Surroundings) -> Verdict | None:
    """What the header says, where the cells do not speak against it; None where they must decide."""
    assert meaning.word is not None
    name = meaning.word.element
    element = register()[name]
    if name in DAYS or element.parser == "date":
        return _day(meaning, content)
    if name in NAMES:
        return _name(meaning, content)
    if name == "document_number":
        return Verdict(name, "表头")
    if meaning.word.generic and element.parser in ("text", "address"):
        return None
    if name == "grid_code":
        return Verdict(name, "表头和内容") if content.codes >= LIKELY else None
    if element.parser in ("text", "name", "address") or name == "certificate_number":
        return _text(meaning, content)
    if name == "amount" and "万" in meaning.unit + meaning.header:
        name = "amount_in_ten_thousand"
    if name == "count" and content.fractions > 1 - SURE:
        name = "decimal"
    share = content.share(name)
    if share >= PASSING:
        return Verdict(name, f"表头，{share:.0%} 的取值符合", "" if share >= LIKELY else "不少取值不符合")
    return None


def _day(meaning: Meaning, content: Content) -> Verdict | None:
    assert meaning.word is not None
    name = meaning.word.element
    if content.says_nothing("date") and not meaning.word.generic:
        return Verdict(name, "表头", "取值都表示没有日期")
    if content.share("date") < PASSING or (meaning.word.generic and content.share("date") < LIKELY):
        return None
    if register()[name].check is None:
        name = _kind_of_day(content, only_month=name == "month" or meaning.word.generic)
    return Verdict(name, f"表头，{content.share('date'):.0%} 的取值是日期")


def _kind_of_day(content: Content, *, only_month: bool) -> str:
    if content.clocks >= 0.5:
        return "datetime"
    return "month" if only_month and content.months >= LIKELY else "date"


def _name(meaning: Meaning, content: Content) -> Verdict | None:
    assert meaning.word is not None
    name = meaning.word.element
    if content.codes >= LIKELY:
        return None
    if name == "person_name" and content.organisations >= PASSING and content.persons < 0.2:
        return Verdict("organisation_name", "内容多是单位名称", "" if meaning.word.generic else "表头像姓名")
    if name == "organisation_name" and content.persons >= LIKELY and content.organisations < 0.2:
        return Verdict("person_name", "内容多是人名", "表头像单位名称")
    told = content.persons if name == "person_name" else content.organisations
    if meaning.word.generic and told < 0.4:
        return None
    return Verdict(name, "表头和内容" if told >= PASSING else "表头", "" if told >= 0.3 else f"内容不太像“{register()[name].label}”")


def _text(meaning: Meaning, content: Content) -> Verdict | None:
    assert meaning.word is not None
    name = meaning.word.element
    if name in ADDRESSES and content.codes >= LIKELY:
        return None
    return Verdict(name, "表头")


def _by_content(meaning: Meaning, content: Content, around: Surroundings) -> Verdict:
    """What the cells alone say, the header's words at most choosing between code lists."""
    for found in (_flag(content), _code_list(meaning, content, around), _hard(meaning, content), _soft(meaning, content)):
        if found:
            return found
    if content.codes >= SURE and content.distinct > max(20, 0.3 * content.filled) and not (meaning.word and meaning.word.text == "代码"):
        return Verdict("source_key", "取值像编号")
    if content.numbers >= SURE and meaning.word is None and content.digits < SURE:
        return Verdict("decimal", "取值都是小数")
    if content.share("integer") >= SURE and meaning.word is None and not content.padded:
        return Verdict("integer", "取值都是整数", "含义待认")
    if meaning.word is None and content.length >= LONG:
        return Verdict("private_text", "长文本", "可能写到个人，先按涉及个人的文本")
    return Verdict("text", "表头" if meaning.word else "没有认出", "" if meaning.word else "含义待认")


def _flag(content: Content) -> Verdict | None:
    if content.share("flag") >= SURE and content.digits < 0.5 and content.distinct > 1:
        return Verdict("flag", "取值是“是”“否”一类")
    return None


def _hard(meaning: Meaning, content: Content) -> Verdict | None:
    """Phones, places, days: forms that little else has."""
    if (content.days >= LIKELY and content.share("date") >= LIKELY) or (content.months >= SURE and content.digits < 0.5):
        return Verdict(_kind_of_day(content, only_month=True), f"{content.share('date'):.0%} 的取值是日期")
    if content.share("phone") >= LIKELY and content.length >= 7.5 and content.addresses < 0.5:
        return Verdict("phone", f"{content.share('phone'):.0%} 的取值是电话号码")
    if content.fractions >= LIKELY and content.share("longitude") >= SURE:
        return Verdict("longitude", "取值在经度范围内", "" if meaning.word else "请核对是不是经度")
    coded = meaning.word is None or meaning.word.text in ("代码", "编码", "籍贯", "行政区划")
    if coded and content.divisions >= SURE and content.distinct > 1:
        return Verdict("division_code", "取值像行政区划代码", "" if meaning.word else "也可能是机构代码")
    return None


def _soft(meaning: Meaning, content: Content) -> Verdict | None:
    """Addresses and names, told by their looks."""
    text = meaning.word is None or meaning.word.generic
    if text and content.addresses >= PASSING and content.organisations < 0.5:
        return Verdict("address_text", "内容多是地址", "" if meaning.element in ADDRESSES else "请核对是不是地址")
    if meaning.word is None and content.organisations >= LIKELY and content.authorities < 0.5:
        return Verdict("organisation_name", "内容多是单位名称", "请核对是不是单位")
    if meaning.word is None and content.persons >= LIKELY:
        return Verdict("person_name", "内容多是人名", "请核对是不是人名")
    return None


def _code_list(meaning: Meaning, content: Content, around: Surroundings) -> Verdict | None:
    """The code list whose codes or names the cells are; bare digits need a header that speaks of the list."""
    wordy = content.digits < 0.5
    found = [
        (content.share(element.name), _kinship(meaning, element), _known_around(element, around), _used(element, content), element)
        for element in _coded()
        if content.share(element.name) >= LIKELY
    ]
    fitting = [each for each in found if each[1] >= 2 or (wordy and (each[1] == 1 or meaning.word is None))]
    if not fitting:
        return None
    share, kinship, _, _, element = max(fitting, key=lambda each: (each[0] >= SURE, *each[1:4], each[0]))
    return Verdict(element.name, f"{share:.0%} 的取值在代码表“{element.label}”内", "" if kinship else "请核对代码表")


def _coded() -> tuple[Element, ...]:
    return tuple(each for each in register().values() if each.parser == "code" and each.name not in glossary().internal)


def _kinship(meaning: Meaning, element: Element) -> int:
    """How much a header has in common with a list's label: 0 nothing, 1 it is but a general word such as 状态, 2 and more so many characters."""
    common = _common(meaning.text, element.label.removesuffix("代码"))
    special = common
    for part in glossary().generic_parts:
        special = special.replace(part, "")
    return len(special) if len(special) >= 2 else int(len(common) >= 2 and not meaning.before)


def _known_around(element: Element, around: Surroundings) -> int:
    common = _common(around.words, element.label.removesuffix("代码"))
    return len(common)


def _common(text: str, label: str) -> str:
    """The longest part of a label that occurs in a text."""
    parts = (label[start:end] for start in range(len(label)) for end in range(len(label), start, -1))
    return max((part for part in parts if part in text), key=len, default="")


def _used(element: Element, content: Content) -> float:
    """How much of the list occurs: of two lists that hold all cells the shorter one is meant."""
    assert element.code_list is not None
    return min(1.0, content.distinct / len(code_lists()[element.code_list].names))
