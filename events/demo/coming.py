"""Demo events that are still to come."""

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
from events.demo.organisation import DOCTOR, DRIVER, FESTIVAL, MEDIC, PARAMEDIC, RACES
from events.demo.relative_times import FRI, SAT, SUN, THU, TUE, WED, InDays, On
from events.rules.planning import Kind

OPEN = (
    DemoEvent(
        name="Volejbalový turnaj Podvinní",
        when=InDays(2, 17), hours=5, stage=Stage.OPEN, master=RACES,
        address="Sportovní hala Podvinní, Vysočany", contact="p. Sýkora, tel. 602 000 301",
        description="Ještě chybí zdravotník, který by službu vedl.",
        seats=(medic(), driver("demo.jelinek"), novice("demo.ulehlova")),
    ),
    DemoEvent(
        name="Trhy na náměstí Jiřího z Poděbrad",
        when=On(SAT, 1, 8), hours=6, stage=Stage.OPEN,
        address="náměstí Jiřího z Poděbrad, Praha 3", contact="Trhy Praha, tel. 602 000 203",
        conditions=DemoConditions(2, 3, {MEDIC: 1}, ("demo.capek",)),
    ),
    DemoEvent(
        name="Fotbalové utkání dorostu Sparty",
        when=On(SUN, 1, 10, 15), hours=4.5, stage=Stage.OPEN, master=RACES, is_paid=True,
        address="Strahov, hřiště č. 3", contact="sekretariát mládeže, tel. 602 000 302",
        conditions=DemoConditions(2, 3, {MEDIC: 1, DRIVER: 1}, ("demo.fialova", "demo.rihova")),
    ),
    DemoEvent(
        name="Noční běh Prokopským údolím",
        when=On(FRI, 1, 19), hours=6, stage=Stage.OPEN, master=RACES, is_paid=True,
        address="Prokopské údolí, Hlubočepy", contact="Běžecký spolek Pětka, tel. 602 000 303",
        description="Hlídky potřebují čelovky a teplé oblečení. Končí až po půlnoci.",
        seats=(paramedic("demo.zizka"), driving_medic(), medic("demo.chaloupkova"), novice(), novice(optional=True)),
    ),
    DemoEvent(
        name="Koncert ve Foru Karlín",
        when=On(THU, 1, 18), hours=6, stage=Stage.OPEN, is_paid=True,
        address="Pernerova 51, Karlín", contact="produkce, tel. 602 000 304",
        conditions=DemoConditions(
            3, 4, {DOCTOR: 1, MEDIC: 1}, ("demo.adamkova", "demo.krizova", "demo.hruska"),
        ),
        hand_over=("demo.krizova", "dev.member"),
    ),
    DemoEvent(
        name="Ukázka první pomoci v domě dětí",
        when=On(WED, 2, 14, 30), hours=2.5, stage=Stage.OPEN, kind=Kind.PRESENTATION,
        address="Dům dětí a mládeže Modřany", contact="Bc. Tichá, tel. 602 000 305",
        seats=(medic(), helper("Figurant", optional=False)),
    ),
    DemoEvent(
        name="Cyklozávod Hostivař",
        when=On(SAT, 2, 8), hours=8, stage=Stage.OPEN, master=RACES,
        address="Hostivařská přehrada", contact="Cyklo klub Hostivař, tel. 602 000 306",
        seats=(medic("dev.member"), paramedic(), driver("demo.beranek"), novice(), novice()),
    ),
    DemoEvent(
        name="Závody dračích lodí Podolí",
        when=On(SAT, 2, 13), hours=6, stage=Stage.OPEN, master=RACES,
        address="Podolské nábřeží", contact="klub dračích lodí, tel. 602 000 217",
        description="Část posádky se kryje s cyklozávodem v Hostivaři.",
        seats=(medic("demo.capek"), driver("dev.member"), novice()),
    ),
    DemoEvent(
        name="Judistický turnaj Braník",
        when=On(SUN, 2, 8), hours=9, stage=Stage.OPEN, master=RACES,
        address="Hala Hamr, Braník", contact="oddíl juda, tel. 602 000 307",
        conditions=DemoConditions(3, 4, {PARAMEDIC: 1, MEDIC: 1}, ("dev.coordinator", "demo.durisova")),
    ),
    DemoEvent(
        name="Atletický mítink Juliska",
        when=On(SUN, 3, 9), hours=8, stage=Stage.OPEN, master=RACES, is_paid=True,
        address="Stadion Juliska, Dejvice", contact="atletický oddíl, tel. 602 000 308",
        conditions=DemoConditions(5, 8, {DOCTOR: 1, PARAMEDIC: 1, MEDIC: 2, DRIVER: 1}),
    ),
    DemoEvent(
        name="Letní festival – hlasový workshop",
        when=On(SAT, 3, 12), hours=7, stage=Stage.OPEN, master=FESTIVAL,
        address="Holešovická tržnice", contact="produkce festivalu, tel. 602 000 214",
        seats=(medic("dev.member"), novice("demo.hruska"), novice()),
    ),
    DemoEvent(
        name="Školení nových členů",
        when=On(TUE, 2, 17), hours=3, stage=Stage.OPEN, kind=Kind.TRAINING, planned_participants=12,
        address="základna spolku, Holešovice",
        description="Resuscitace, obvazová technika, vysílačky.",
        conditions=DemoConditions(1, 3, {PARAMEDIC: 1}, ("demo.chmelar", "demo.vrana")),
    ),
)  # fmt: skip

CLOSED = (
    DemoEvent(
        name="Silniční běh Vítkov",
        when=On(SUN, 1, 13), hours=4, stage=Stage.OPEN, master=RACES,
        address="Vrch Vítkov, Žižkov", contact="Běžecký spolek Trojka, tel. 602 000 309",
        conditions=DemoConditions(
            2, 3, {MEDIC: 1, DRIVER: 1}, ("dev.member", "demo.beranek", "demo.durisova"),
        ),
        waiting=("demo.hruska", "demo.ulehlova"),
    ),
    DemoEvent(
        name="Ragbyový turnaj Vyšehrad",
        when=On(SUN, 4, 10), hours=5, stage=Stage.OPEN, master=RACES,
        address="hřiště RC Vyšehrad, Praha 2", contact="ragbyový klub, tel. 602 000 318",
        seats=(paramedic("demo.zizka"), medic("demo.capek"), novice("demo.rihova")),
        waiting=("demo.krizova",),
    ),
    DemoEvent(
        name="Ples v Národním domě",
        when=On(FRI, 3, 19), hours=9, stage=Stage.CLOSED_BY_HAND, is_paid=True,
        address="Národní dům na Vinohradech", contact="plesový výbor, tel. 602 000 310",
        description="Společenské oblečení. Zbývající místa obsadí koordinátorka sama.",
        seats=(medic("demo.chaloupkova"), medic("demo.krizova"), novice()),
    ),
    DemoEvent(
        name="Letní festival – zahajovací koncert",
        when=On(FRI, 4, 16), hours=8, stage=Stage.OPEN, master=FESTIVAL, is_paid=True,
        address="Letiště Letňany", contact="produkce festivalu, tel. 602 000 214",
        conditions=DemoConditions(
            3, 4, {DOCTOR: 1, PARAMEDIC: 1, MEDIC: 1},
            ("demo.stastny", "demo.beranek", "demo.capek", "demo.rihova"), afterthought={DRIVER: 2},
        ),
    ),
)  # fmt: skip

PUBLISHED = (
    DemoEvent(
        name="Školení vedoucích hlídek",
        when=On(SAT, 3, 9), hours=7, stage=Stage.PUBLISHED, opens_before=5,
        kind=Kind.TRAINING, planned_participants=15,
        address="základna spolku, Holešovice",
        seats=(paramedic(), helper("Figurant"), helper("Figurant")),
    ),
    DemoEvent(
        name="Muzejní noc Vinohrady",
        when=On(SAT, 4, 18), hours=7, stage=Stage.PUBLISHED, opens_before=10,
        address="Vinohradská třída, Praha 2", contact="Muzejní spolek, tel. 602 000 311",
        conditions=DemoConditions(2, 3, {MEDIC: 1}),
    ),
    DemoEvent(
        name="Půlmaraton Karlín",
        when=On(SAT, 5, 8), hours=7, stage=Stage.PUBLISHED, opens_before=14, master=RACES, is_paid=True,
        address="Karlínské náměstí", contact="pořadatelský tým, tel. 602 000 312",
        description="Čtyři hlídky na trati, sanita v cíli.",
        seats=(
            doctor(), paramedic(), paramedic(), driving_medic(), medic(), medic(), medic(), driver(),
            novice(), novice(), novice(optional=True), novice(optional=True),
        ),
    ),
    DemoEvent(
        name="Letní festival – závěrečný večer",
        when=On(SAT, 6, 17), hours=8, stage=Stage.PUBLISHED, opens_before=20, master=FESTIVAL, is_paid=True,
        address="Letiště Letňany", contact="produkce festivalu, tel. 602 000 214",
        seats=(doctor(), paramedic(), medic(), driver(), novice(), novice()),
    ),
)  # fmt: skip

DRAFTS = (
    DemoEvent(
        name="Prezentace kroužku mladých zdravotníků",
        when=On(THU, 4, 16), hours=2, stage=Stage.DRAFT, kind=Kind.PRESENTATION,
        address="Městská knihovna, Mariánské náměstí",
        seats=(medic(), helper("Pomocník u stánku")),
    ),
    DemoEvent(
        name="Školení práce s defibrilátorem",
        when=On(WED, 5, 17), hours=3, stage=Stage.DRAFT, kind=Kind.TRAINING, planned_participants=10, is_paid=True,
        address="Úřad městské části Praha 8", contact="Ing. Malý, tel. 602 000 313",
        seats=(paramedic(),),
    ),
    DemoEvent(
        name="Reprezentační ples Žofín",
        when=On(FRI, 6, 19), hours=8, stage=Stage.DRAFT, is_paid=True,
        address="Palác Žofín, Praha 1", contact="plesový výbor, tel. 602 000 314",
        seats=(doctor(), medic(), novice()),
    ),
    DemoEvent(
        name="Závody veteránů Zbraslav–Jíloviště",
        when=On(SAT, 8, 8), hours=9, stage=Stage.DRAFT, master=RACES,
        address="Zbraslavské náměstí", contact="klub veteránů, tel. 602 000 315",
        description="Počet hlídek upřesní pořadatel.",
        conditions=DemoConditions(3, 5, {PARAMEDIC: 1, MEDIC: 1, DRIVER: 1}),
    ),
    DemoEvent(
        name="Letní festival – příprava základny",
        when=On(FRI, 9, 10), hours=6, stage=Stage.DRAFT, master=FESTIVAL,
        address="Letiště Letňany", contact="produkce festivalu, tel. 602 000 214",
        seats=(medic(), driver()),
    ),
)  # fmt: skip

CANCELLED = (
    DemoEvent(
        name="Ohňostroj nad Vltavou",
        when=On(SAT, 2, 20), hours=4, stage=Stage.CANCELLED, is_paid=True,
        address="Rašínovo nábřeží, Praha 2", contact="pořadatel, tel. 602 000 316",
        description="Pořadatel akci zrušil kvůli předpovědi větru.",
        seats=(medic("demo.chaloupkova"), driver("demo.zizka"), novice("demo.ulehlova"), novice()),
    ),
)  # fmt: skip

COMING = (*OPEN, *CLOSED, *PUBLISHED, *DRAFTS, *CANCELLED)
