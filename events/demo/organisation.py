"""Qualifications, accounts and master events of the demo organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roster.rights import Role

ORGANISATION = "Ukázkový spolek zdravotníků"
#: What labels on its equipment say.
WIFI, WIFI_PASSWORD = "Zdravotníci hosté", "ukázka2026"

PASSWORD = "devpassword"  # noqa: S105 - known to everybody; the accounts exist in development only
DOMAIN = "medcover.local"

DOCTOR, PARAMEDIC, MEDIC = "Lékař", "Záchranář", "Zdravotník zotavovacích akcí"
NOVICE, DRIVER = "Zelenáč", "Řidič sanitky"

COORDINATOR, ADMIN = "dev.coordinator", "dev.admin"
GENERAL, FESTIVAL, RACES = "Obecné", "Letní festival", "Sportovní závody"


@dataclass(frozen=True)
class DemoQualification:
    """A qualification; holders of its `direct_substitutes` may stand in for it."""

    name: str
    direct_substitutes: tuple[str, ...] = ()
    can_lead: bool = False
    description: str = ""


@dataclass(frozen=True)
class DemoPerson:
    """An account; `key` is its address before the at sign.

    `holds` says of each qualification for how many days from today it is valid, None without end.
    """

    key: str
    name: str
    role: Role = Role.MEMBER
    holds: Mapping[str, int | None] = field(default_factory=dict)
    phone: str = ""
    is_active: bool = True

    @property
    def email(self) -> str:
        """The whole address."""
        return f"{self.key}@{DOMAIN}"


@dataclass(frozen=True)
class DemoMaster:
    """A master event; with a coordinator (key) people do not sign up by themselves."""

    name: str
    coordinator: str = ""
    description: str = ""


# Each after those that may stand in for it.
QUALIFICATIONS = (
    DemoQualification(DOCTOR, can_lead=True),
    DemoQualification(PARAMEDIC, (DOCTOR,), can_lead=True),
    DemoQualification(MEDIC, (PARAMEDIC,), can_lead=True, description="Zkouška podle standardů první pomoci."),
    DemoQualification(DRIVER, description="Řidičský průkaz skupiny B a školení řidičů sanitních vozů."),
    DemoQualification(NOVICE, (MEDIC,), description="Na službách jen spolu se zdravotníkem."),
)

PEOPLE = (
    DemoPerson(ADMIN, "Novák Jan", Role.ADMIN),
    DemoPerson(COORDINATOR, "Procházková Jana", Role.COORDINATOR, {PARAMEDIC: None}, "602 000 101"),
    DemoPerson("dev.member", "Dvořák Petr", holds={MEDIC: None, DRIVER: None}, phone="602 000 102"),
    DemoPerson("dev.viewer", "Horáková Marie", Role.VIEWER),
    DemoPerson("dev.debrief", "Černý Martin", Role.DEBRIEFING_MANAGER),
    DemoPerson("dev.technician", "Kučera Jakub", Role.TECHNICIAN),
    DemoPerson("dev.inactive", "Svoboda Tomáš", is_active=False),
    DemoPerson("demo.adamkova", "Adámková Věra", holds={DOCTOR: None}, phone="+420 602 000 110"),
    DemoPerson("demo.beranek", "Beránek Štěpán", holds={PARAMEDIC: None, DRIVER: None}, phone="602 000 111"),
    DemoPerson("demo.capek", "Čapek Vojtěch", holds={MEDIC: 300}, phone="602 000 112"),
    DemoPerson("demo.durisova", "Ďurišová Nela", holds={NOVICE: None}),
    DemoPerson("demo.fialova", "Fialová Klára", holds={MEDIC: 20}, phone="602 000 114"),
    DemoPerson("demo.hruska", "Hruška Matěj", holds={NOVICE: None}, phone="602 000 115"),
    DemoPerson("demo.chaloupkova", "Chaloupková Ivana", holds={MEDIC: None}, phone="602 000 116"),
    DemoPerson("demo.chmelar", "Chmelař Ondřej", holds={PARAMEDIC: 500}, phone="602 000 117"),
    DemoPerson("demo.jelinek", "Jelínek Radim", holds={DRIVER: None, NOVICE: None}),
    DemoPerson("demo.krizova", "Křížová Alžběta", holds={MEDIC: None, DRIVER: 200}, phone="602 000 119"),
    DemoPerson("demo.malik", "Malík Otakar", holds={MEDIC: None}, phone="602 000 126"),
    DemoPerson("demo.rihova", "Říhová Dominika", holds={NOVICE: None}, phone="602 000 120"),
    DemoPerson("demo.stastny", "Šťastný Kryštof", holds={DOCTOR: None}, phone="602 000 121"),
    DemoPerson("demo.toman", "Toman Bedřich", holds={MEDIC: -25}, phone="602 000 122"),
    DemoPerson("demo.ulehlova", "Úlehlová Tereza", holds={NOVICE: None}),
    DemoPerson("demo.vrana", "Vrána Hynek", phone="602 000 124"),
    DemoPerson("demo.zizka", "Žižka Zbyněk", holds={PARAMEDIC: None, DRIVER: None}, phone="602 000 125"),
)

MASTERS = (
    DemoMaster(GENERAL),
    DemoMaster(FESTIVAL, COORDINATOR, "Zdravotní zajištění celého festivalu; na služby přiřazuje koordinátorka."),
    DemoMaster(RACES, description="Závody, turnaje a utkání v průběhu roku."),
)
