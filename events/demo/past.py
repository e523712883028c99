"""Demo events that are over, and those that run right now."""

from __future__ import annotations

from events.demo.event_specs import (
    DemoConditions,
    DemoEvent,
    Stage,
    doctor,
    driver,
    driving_medic,
    helper,
    medic,
    novice,
    paramedic,
)
from events.demo.organisation import DRIVER, FESTIVAL, MEDIC, PARAMEDIC, RACES
from events.demo.relative_times import FRI, SAT, SUN, THU, TUE, WED, Begun, LastYear, On
from events.rules.planning import Kind

RUNNING = (
    DemoEvent(
        name="Den složek záchranného systému",
        when=Begun(2), hours=8, stage=Stage.OPEN, is_paid=True,
        address="Letenská pláň, Praha 7", contact="Odbor bezpečnosti, tel. 602 000 201",
        description="Stanoviště první pomoci u hlavního vchodu, sanita za tribunou.",
        seats=(paramedic("demo.chmelar"), driver("demo.jelinek"), novice("demo.durisova")),
    ),
    DemoEvent(
        name="Turnaj v malé kopané",
        when=Begun(1), hours=6, stage=Stage.OPEN, master=RACES,
        address="Sportovní areál Hamr, Záběhlice", contact="TJ Záběhlice, tel. 602 000 202",
        conditions=DemoConditions(2, 3, {MEDIC: 1}, ("demo.chaloupkova",)), dropped_out=("demo.zizka",),
    ),
)  # fmt: skip

COMPLETED = (
    DemoEvent(
        name="Farmářské trhy na náplavce",
        when=On(SAT, -1, 8), hours=6, stage=Stage.COMPLETED,
        address="Rašínovo nábřeží, Praha 2", contact="Trhy Praha, tel. 602 000 203",
        seats=(medic("demo.capek"), novice("demo.hruska"), novice("demo.ulehlova", optional=True)),
    ),
    DemoEvent(
        name="Fotbalové utkání žáků Bohemians",
        when=On(SUN, -1, 10), hours=4, stage=Stage.COMPLETED, master=RACES,
        address="Ďolíček, Vršovice", contact="p. Vondra, tel. 602 000 204",
        seats=(medic("dev.member"), novice("demo.rihova")),
    ),
    DemoEvent(
        name="Veletrh zdraví",
        when=On(THU, -1, 9), hours=9, stage=Stage.COMPLETED, kind=Kind.PRESENTATION, is_paid=True,
        address="Výstaviště Letňany", contact="Veletrhy Letňany, tel. 602 000 205",
        description="Ukázky resuscitace na figurínách každou celou hodinu.",
        seats=(medic("demo.krizova"), helper("Lektor u figurín", "demo.vrana", optional=False), novice(optional=True)),
    ),
    DemoEvent(
        name="Běh Stromovkou",
        when=On(SAT, -2, 9), hours=5, stage=Stage.COMPLETED, master=RACES, is_paid=True,
        address="Stromovka, Praha 7", contact="Běžecký spolek Sedmička, tel. 602 000 206",
        conditions=DemoConditions(
            3, 5, {PARAMEDIC: 1, MEDIC: 1, DRIVER: 1},
            ("dev.coordinator", "demo.capek", "demo.zizka", "demo.durisova"),
        ),
    ),
    DemoEvent(
        name="Noc divadel",
        when=On(SAT, -2, 18), hours=8, stage=Stage.COMPLETED, is_paid=True,
        address="Národní třída, Praha 1", contact="Divadelní unie, tel. 602 000 207",
        description="Služba až do rána; pro posádku je připraveno zázemí v zasedací místnosti.",
        seats=(medic("demo.chaloupkova"), novice("demo.rihova"), novice(optional=True)),
    ),
    DemoEvent(
        name="Koncert v Lucerně",
        when=On(FRI, -2, 19), hours=5, stage=Stage.COMPLETED, is_paid=True,
        address="Štěpánská 61, Praha 1", contact="produkce, tel. 602 000 208",
        seats=(doctor("demo.adamkova"), medic("dev.member"), novice("demo.ulehlova")),
    ),
    DemoEvent(
        name="Školení první pomoci pro učitele",
        when=On(WED, -2, 9), hours=6, stage=Stage.COMPLETED, kind=Kind.TRAINING, planned_participants=20, is_paid=True,
        address="ZŠ Strossmayerovo náměstí, Praha 7", contact="Mgr. Pešková, tel. 602 000 209",
        seats=(paramedic("demo.beranek"), helper("Figurant", "demo.hruska")),
    ),
    DemoEvent(
        name="Ukázka první pomoci pro školáky",
        when=On(TUE, -3, 10), hours=3, stage=Stage.COMPLETED, kind=Kind.PRESENTATION,
        address="ZŠ Korunovační, Praha 7", contact="školní družina, tel. 602 000 210",
        seats=(medic("demo.krizova"), novice("demo.durisova")),
    ),
    DemoEvent(
        name="Cyklistický závod Ladronka",
        when=On(SUN, -3, 8), hours=7.5, stage=Stage.COMPLETED, master=RACES,
        address="Park Ladronka, Praha 6", contact="Cyklo klub Břevnov, tel. 602 000 211",
        description="Jedna hlídka v cíli, jedna na okruhu.",
        seats=(
            paramedic("demo.zizka"), driving_medic("dev.member"), medic("demo.capek"), novice("demo.rihova"),
            novice("demo.jelinek"),
        ),
    ),
    DemoEvent(
        name="Plavecké závody Podolí",
        when=On(SAT, -4, 8), hours=6, stage=Stage.COMPLETED, master=RACES, is_paid=True,
        address="Plavecký stadion Podolí", contact="Plavecký svaz, tel. 602 000 212",
        seats=(medic("demo.chaloupkova"), novice("demo.hruska"), novice(optional=True)),
    ),
    DemoEvent(
        name="Gymnastické závody Královka",
        when=On(SUN, -4, 9), hours=8, stage=Stage.COMPLETED, master=RACES,
        address="Sportovní hala Královka, Praha 7", contact="pí Hladká, tel. 602 000 213",
        seats=(medic("demo.fialova"), novice()),
    ),
    DemoEvent(
        name="Letní festival – stavba areálu",
        when=On(FRI, -5, 8), hours=10, stage=Stage.COMPLETED, master=FESTIVAL, is_paid=True,
        address="Letiště Letňany", contact="produkce festivalu, tel. 602 000 214",
        seats=(medic("demo.toman"), driver("demo.jelinek")),
    ),
    DemoEvent(
        name="Letní festival – sobotní program",
        when=On(SAT, -5, 10), hours=14, stage=Stage.COMPLETED, master=FESTIVAL, is_paid=True,
        address="Letiště Letňany", contact="produkce festivalu, tel. 602 000 214",
        seats=(
            doctor("demo.stastny"), paramedic("demo.beranek"), paramedic("demo.chmelar"), medic("dev.member"),
            driver("demo.krizova"), novice("demo.durisova"), novice("demo.hruska"),
            novice("demo.ulehlova", optional=True),
        ),
    ),
    DemoEvent(
        name="Závody koníků Chuchle",
        when=On(SUN, -6, 12), hours=6, stage=Stage.COMPLETED, master=RACES, is_archived=True,
        address="Závodiště Velká Chuchle", contact="kancelář závodiště, tel. 602 000 215",
        seats=(medic("demo.capek"), driver("demo.zizka"), novice("demo.rihova", optional=True)),
    ),
    DemoEvent(
        name="Majáles Výstaviště",
        when=LastYear(5, 10, 12), hours=9, stage=Stage.COMPLETED, is_paid=True,
        address="Výstaviště Holešovice", contact="produkce Majálesu, tel. 602 000 218",
        seats=(doctor("demo.adamkova"), medic("demo.malik"), medic("dev.member"), novice("demo.hruska")),
    ),
    DemoEvent(
        name="Pochod Prokopským údolím",
        when=LastYear(9, 20, 8), hours=7, stage=Stage.COMPLETED,
        address="Hlubočepy, Praha 5", contact="Klub turistů Jinonice, tel. 602 000 219",
        seats=(medic("demo.malik"), driver("demo.jelinek"), novice("demo.rihova", optional=True)),
    ),
    DemoEvent(
        name="Adventní trhy na Míráku",
        when=LastYear(12, 6, 10), hours=8, stage=Stage.COMPLETED,
        address="Náměstí Míru, Praha 2", contact="Trhy Praha, tel. 602 000 203",
        seats=(medic("demo.krizova"), novice("demo.durisova"), novice()),
    ),
)  # fmt: skip

FORGOTTEN = (
    DemoEvent(
        name="Dětský den na Kampě",
        when=On(SUN, -2, 10), hours=5, stage=Stage.DRAFT,
        address="Park Kampa, Praha 1", contact="rodinné centrum, tel. 602 000 216",
        description="Pořadatel se už neozval.",
        seats=(medic(), novice()),
    ),
    DemoEvent(
        name="Závody dračích lodí Žluté lázně",
        when=On(SUN, -1, 9), hours=7, stage=Stage.CANCELLED, master=RACES,
        address="Žluté lázně, Podolí", contact="klub dračích lodí, tel. 602 000 217",
        description="Zrušeno pro vysokou hladinu Vltavy.",
        seats=(medic("demo.krizova"), novice("demo.hruska"), novice()),
    ),
)  # fmt: skip

PAST = (*COMPLETED, *FORGOTTEN, *RUNNING)
