"""Names of people and events in the seed data, put together from words."""

from __future__ import annotations

SURNAMES = (
    "Adámek", "Bárta", "Beneš", "Bílek", "Čermák", "Černý", "Doležal", "Dvořák", "Ďuriš", "Fiala", "Hájek", "Havel",
    "Horák", "Hruška", "Chalupa", "Chmelař", "Jelínek", "Ježek", "Kadlec", "Kolář", "Král", "Kratochvíl", "Křenek",
    "Kučera", "Lukeš", "Malý", "Mareš", "Marek", "Moravec", "Musil", "Navrátil", "Němec", "Novák", "Nový", "Pavlík",
    "Pokorný", "Polák", "Pospíšil", "Procházka", "Růžička", "Řezníček", "Říha", "Sedláček", "Soukup", "Svoboda",
    "Šimek", "Šťastný", "Tichý", "Toman", "Tůma", "Urban", "Vaněk", "Veselý", "Vlček", "Vrána", "Zeman", "Žák",
)  # fmt: skip
FIRST_NAMES = (
    "Adam", "Aleš", "Bedřich", "Bohumil", "Čeněk", "Daniel", "David", "Dušan", "Filip", "František", "Hynek", "Jakub",
    "Jan", "Jiří", "Josef", "Karel", "Kryštof", "Lukáš", "Marek", "Martin", "Matěj", "Michal", "Ondřej", "Oto",
    "Patrik", "Pavel", "Petr", "Radim", "Richard", "Robert", "Rudolf", "Šimon", "Štěpán", "Tomáš", "Václav", "Viktor",
    "Vít", "Vojtěch", "Zbyněk", "Zdeněk",
)  # fmt: skip

OCCASIONS = (
    "Fotbalové utkání", "Hokejový zápas", "Cyklistický závod", "Běh", "Koncert", "Hudební festival", "Farmářské trhy",
    "Městské slavnosti", "Dětský den", "Atletický mítink", "Plavecké závody", "Jezdecké závody", "Volejbalový turnaj",
    "Judistický turnaj", "Dračí lodě", "Ukázka první pomoci", "Filmový večer", "Vánoční trhy", "Masopust", "Ples",
)  # fmt: skip
VENUES = (
    "Braník", "Bubeneč", "Čakovice", "Dejvice", "Ďáblice", "Hloubětín", "Holešovice", "Hostivař", "Chodov", "Karlín",
    "Kobylisy", "Krč", "Letná", "Libeň", "Michle", "Modřany", "Motol", "Nusle", "Podolí", "Prosek", "Radotín",
    "Řepy", "Smíchov", "Stodůlky", "Strašnice", "Troja", "Vinohrady", "Vršovice", "Vysočany", "Záběhlice", "Žižkov",
)  # fmt: skip
SERIES = ("Sportovní závody", "Kultura ve městě", "Letní festival")

DESCRIPTION = (
    "Sraz je půl hodiny před začátkem u hlavního vchodu. Materiál přiveze vůz ze skladu, každý má svůj stejnokroj"
    " a průkaz. Pořadatel zajistí pití a teplé jídlo."
)
