"""What a row speaks of: persons, organisations, houses, events and the rest, as proposals a person corrects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.glossary import glossary
from transforms.draft.addresses import group
from transforms.draft.plan import DraftColumn, DraftFact

NUMBERS = ("citizen_number", "document_number")
OF_HOUSES = ("owner", "tenant", "trustee")
MAIN = ""
Columns = dict[str, str | Mapping[str, str]]


class Facts:
    """The proposal of facts for the columns of one table; ``proposed`` in the order of the contract, the subject of the row first.

    title: what file and sheet are called. addresses: as `find_addresses` gives them. key: names of the key's columns.
    """

    def __init__(self, columns: Sequence[DraftColumn], addresses: Sequence[Mapping[str, str]], key: Sequence[str], title: str) -> None:
        self._columns = [column for column in columns if not column.refused]
        self._by_name = {column.name: column for column in self._columns}
        self._addresses = addresses
        self._key = key
        self._title = title + "".join(column.meaning.text for column in self._columns if column.name in key)
        self._aliases: set[str] = set()
        persons, organisations = self._persons(), self._organisations()
        self._person = persons.get(MAIN) or persons.get("成员") or next(iter(persons.values()), None)
        self._organisation = organisations.get(MAIN) or next(iter(organisations.values()), None)
        subjects = self._subjects(persons, organisations)
        self.proposed = [*subjects, *organisations.values(), *persons.values(), *self._links(persons, subjects)]
        if not self.proposed:
            self.proposed = [self._unknown()]

    def _named(self, alias: str) -> str:
        copy = 1
        while (name := alias if copy == 1 else f"{alias}_{copy}") in self._aliases:
            copy += 1
        self._aliases.add(name)
        return name

    def _filled(self, table: str, columns: Sequence[DraftColumn]) -> Columns:
        """The columns of a pool table that some columns of the row fill, each once."""
        filled: Columns = {}
        for name, sources in glossary().fills[table].items():
            for element, words in sources.items():
                fit = [column for column in columns if column.element_name == element and column.name not in filled.values()]
                found = (
                    next((each for word in words for each in fit if word in each.meaning.text), None) if words else next(iter(fit), None)
                )
                if found:
                    filled[name] = found.name
                    break
        return filled

    def _persons(self) -> dict[str, DraftFact]:
        roles = glossary().roles["persons"]
        found: dict[str, DraftFact] = {}
        for role in dict.fromkeys(column.meaning.role if column.meaning.role in roles else MAIN for column in self._columns):
            own = [column for column in self._columns if (column.meaning.role if column.meaning.role in roles else MAIN) == role]
            filled = self._filled("person", own)
            reachable = {"name", "phone"} <= {*filled} and (role in glossary().roles["event_roles"] or roles.get(role) in OF_HOUSES)
            if any(name in filled for name in NUMBERS) or reachable:
                found[role] = DraftFact("person", self._named(roles.get(role, "person")), filled)
        return found

    def _organisations(self) -> dict[str, DraftFact]:
        roles = glossary().roles["organisations"]
        found: dict[str, DraftFact] = {}
        for role in dict.fromkeys(column.meaning.role if column.meaning.role in roles else MAIN for column in self._columns):
            own = [column for column in self._columns if (column.meaning.role if column.meaning.role in roles else MAIN) == role]
            filled = self._filled("organisation", own)
            if "uscc" in filled or "name" in filled or "registration_number" in filled:
                found[role] = DraftFact("organisation", self._named(roles.get(role, "organisation")), filled)
        return {role: self._with_representative(fact) for role, fact in found.items()}

    def _with_representative(self, fact: DraftFact) -> DraftFact:
        name = next(
            (each.name for each in self._columns if each.element_name == "person_name" and each.meaning.role.startswith("法")), None
        )
        if name is None or fact.alias != "organisation":
            return fact
        has_number = any(each.element_name in NUMBERS and each.meaning.role.startswith("法") for each in self._columns)
        pointing: Columns = {"representative": "representative"} if has_number else {}
        return DraftFact(fact.table, fact.alias, {**fact.columns, **pointing, "legal_representative": name})

    def _subjects(self, persons: Mapping[str, DraftFact], organisations: Mapping[str, DraftFact]) -> list[DraftFact]:
        """What the row is about where that is neither a person nor an organisation."""
        roles = glossary().roles
        key = self._by_name.get(self._key[0]) if self._key else None
        event, facility, benefit = (self._kind(roles[kind]) for kind in ("events", "facilities", "benefits"))
        licence = self._filled("licence", self._columns)
        found: list[DraftFact] = []
        if benefit and self._person and self._person.alias:
            found.append(self._benefit(benefit, self._person.alias))
        elif event and key and key.element_name in ("source_key", "text", "certificate_number"):
            found.append(self._event(event, key))
        elif facility and key:
            found.append(self._facility(facility, key))
        elif self._is_house() and self._addresses:
            found.append(self._house(persons))
        if "licence_number" in licence and self._organisation and self._organisation.alias:
            found.append(self._licence(licence, self._organisation.alias))
        return found

    def _kind(self, words: Mapping[str, str]) -> str | None:
        return next((kind for word, kind in words.items() if word in self._title), None)

    def _is_house(self) -> bool:
        return "房屋" in self._title or any(column.element_name == "source_key" and "房屋" in column.header for column in self._columns)

    def _address(self) -> Columns:
        return {"address": self._addresses[0]["text"]} if self._addresses else {}

    def _benefit(self, kind: str, person: str) -> DraftFact:
        filled = self._filled("benefit", self._columns)
        return DraftFact("benefit", self._named("benefit"), {"person": person, "kind": {"constant": kind}, **filled})

    def _event(self, kind: str, key: DraftColumn) -> DraftFact:
        filled = self._filled("event", [column for column in self._columns if column is not key])
        alias = self._named(kind)
        return DraftFact("event", alias, {"kind": {"constant": kind}, "source_key": key.name, **filled, **self._address()})

    def _facility(self, kind: str, key: DraftColumn) -> DraftFact:
        filled = self._filled("facility", [column for column in self._columns if column is not key])
        owner: Columns = {"organisation": self._organisation.alias} if self._organisation and self._organisation.alias else {}
        head: Columns = {"kind": {"constant": kind}, "source_key": key.name}
        return DraftFact("facility", self._named("facility"), {**head, **owner, **self._address(), **filled})

    def _house(self, persons: Mapping[str, DraftFact]) -> DraftFact:
        owner = next((fact.alias for fact in persons.values() if fact.alias == "owner"), None)
        of_owner: Columns = {"owner": owner} if owner else {}
        return DraftFact("house", self._named("house"), {**self._address(), **self._filled("house", self._columns), **of_owner})

    def _licence(self, filled: Columns, organisation: str) -> DraftFact:
        kind = self._kind(glossary().roles["licences"])
        head: Columns = {"kind": {"constant": kind or "food_business"}, "organisation": organisation}
        return DraftFact("licence", self._named("licence"), {**head, **filled}, "" if kind else "许可大类没认出，请改")

    def _links(self, persons: Mapping[str, DraftFact], subjects: Sequence[DraftFact]) -> list[DraftFact]:
        """What joins the entities of the row: tenancies, residences, premises, parties of an event."""
        subject = subjects[0] if subjects else None
        if subject and subject.table == "event":
            return self._parties(str(subject.alias), persons)
        found: list[DraftFact] = []
        tenant = next((fact.alias for fact in persons.values() if fact.alias == "tenant"), None)
        if subject and subject.table == "house" and subject.alias and tenant:
            lease = self._filled("tenancy", self._columns)
            found.append(DraftFact("tenancy", None, {"house": subject.alias, "person": tenant, **lease}))
            rented: Columns = {key: value for key, value in lease.items() if key != "rent"}
            found.append(DraftFact("residence", None, {"person": tenant, **self._address(), "kind": {"constant": "rented"}, **rented}))
            return found
        person, organisation = self._person, self._organisation
        if organisation and organisation.alias and not (person and MAIN in persons):
            found += [self._premises(organisation.alias, use["text"]) for use in self._addresses]
        elif person and person.alias:
            dweller = next((fact.alias for fact in persons.values() if fact.alias == "head"), None) or person.alias
            found += [self._residence(dweller, use["text"]) for use in self._addresses]
        return found

    def _premises(self, organisation: str, text: str) -> DraftFact:
        column = self._by_name[text]
        kinds = glossary().roles["premises"]
        kind = next((kind for word, kind in kinds.items() if word in column.meaning.text), None)
        said = "" if kind else "场所关系没认出，先按经营场所"
        columns: Columns = {"organisation": organisation, "address": text, "kind": {"constant": kind or "operating"}}
        return DraftFact("premises", None, columns, said)

    def _residence(self, person: str, text: str) -> DraftFact:
        kind = glossary().roles["residences"].get(self._by_name[text].meaning.role) or group(self._by_name[text])
        known = kind in ("registered", "actual", "rented")
        columns: Columns = {"person": person, "address": text, "kind": {"constant": kind if known else "actual"}}
        return DraftFact("residence", None, columns, "" if known else "居住关系没认出，先按居住地")

    def _parties(self, event: str, persons: Mapping[str, DraftFact]) -> list[DraftFact]:
        parts = glossary().roles["event_roles"]
        found: list[DraftFact] = []
        for role, fact in persons.items():
            if role in parts and fact.alias:
                named: Columns = {"name": fact.columns["name"]} if "name" in fact.columns else {}
                columns: Columns = {"event": event, "person": fact.alias, "role": {"constant": parts[role]}, **named}
                found.append(DraftFact("event_party", None, columns))
        organisation = self._organisation
        if organisation and organisation.alias:
            role = {alias: word for word, alias in glossary().roles["organisations"].items()}.get(organisation.alias, "单位")
            own: Columns = {"name": organisation.columns["name"]} if "name" in organisation.columns else {}
            head: Columns = {"event": event, "organisation": organisation.alias, "role": {"constant": parts.get(role, "responsible")}}
            found.append(DraftFact("event_party", None, {**head, **own}))
        return found

    def _unknown(self) -> DraftFact:
        key = self._key[0] if self._key else self._columns[0].name
        columns: Columns = {"kind": {"constant": "grassroots"}, "source_key": key, **self._address()}
        return DraftFact("event", "event", columns, "没有认出这一行讲的是数据池的什么，先占位写作事件，请按数据字典改")
