"""People who do not exist, in several scripts, and what becomes of their names and dates when they are written down again."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from activities.store.names import Identity

_POOLS = {
    "latin": (
        [
            "Anna",
            "Bela",
            "Carl",
            "Dora",
            "Emil",
            "Frida",
            "Georg",
            "Hanna",
            "Igor",
            "Jana",
            "Karl",
            "Lena",
            "Marek",
            "Nora",
            "Oskar",
            "Petra",
            "Rudi",
            "Stefan",
            "Tilda",
            "Ursula",
            "Viktor",
            "Wanda",
            "Thomas",
            "Katharina",
            "Michael",
            "Johanna",
            "Philipp",
            "Christine",
        ],
        [
            "Albrecht",
            "Becker",
            "Clausen",
            "Dietrich",
            "Ebert",
            "Fischer",
            "Grabowski",
            "Hoffmann",
            "Ivanov",
            "Jansen",
            "Krueger",
            "Lehmann",
            "Meyer",
            "Nowak",
            "Oberlander",
            "Petersen",
            "Quist",
            "Richter",
            "Schneider",
            "Tischler",
            "Ulrich",
            "Vogel",
            "Wagner",
            "Zimmermann",
            "Kowalski",
            "Szymanski",
            "Andersen",
            "Lindqvist",
            "Rossi",
            "Fernandez",
            "Dubois",
            "Moreau",
        ],
    ),
    "cyrillic": (
        [
            "Алексей",
            "Борис",
            "Виктор",
            "Григорий",
            "Дмитрий",
            "Евгений",
            "Иван",
            "Кирилл",
            "Леонид",
            "Михаил",
            "Николай",
            "Олег",
            "Павел",
            "Роман",
            "Сергей",
            "Тимур",
            "Юрий",
            "Анна",
            "Галина",
            "Дарья",
            "Елена",
            "Ирина",
            "Мария",
            "Наталья",
            "Ольга",
            "Светлана",
            "Татьяна",
        ],
        [
            "Абрамов",
            "Белов",
            "Волков",
            "Гаврилов",
            "Дмитриев",
            "Ершов",
            "Жуков",
            "Зайцев",
            "Иванов",
            "Козлов",
            "Лебедев",
            "Морозов",
            "Новиков",
            "Орлов",
            "Петров",
            "Романов",
            "Соколов",
            "Тихонов",
            "Федоров",
            "Харитонов",
            "Цветков",
            "Чернов",
            "Шевченко",
            "Щербаков",
            "Яковлев",
            "Кузнецов",
            "Бондаренко",
            "Ткаченко",
        ],
    ),
    "arabic": (
        [
            "محمد",
            "أحمد",
            "يوسف",
            "إبراهيم",
            "خالد",
            "عمر",
            "سعيد",
            "طارق",
            "زياد",
            "كريم",
            "نبيل",
            "رامي",
            "فاطمة",
            "زينب",
            "مريم",
            "سلمى",
            "ليلى",
            "هدى",
            "أمينة",
            "نادية",
            "حسن",
            "حسين",
            "بلال",
            "مصطفى",
            "ياسين",
            "رشيد",
        ],
        [
            "الخطيب",
            "الحسن",
            "منصور",
            "السوري",
            "حداد",
            "نجار",
            "درويش",
            "البغدادي",
            "العلي",
            "سليمان",
            "قاسم",
            "مراد",
            "الشامي",
            "التونسي",
            "بركات",
            "حمدان",
            "عيسى",
            "شاهين",
            "الزهراني",
            "القحطاني",
            "صالح",
            "ناصر",
            "فرحات",
            "الطيب",
            "غانم",
        ],
    ),
    "greek": (
        [
            "Γιώργος",
            "Δημήτρης",
            "Κώστας",
            "Νίκος",
            "Παναγιώτης",
            "Σταύρος",
            "Θανάσης",
            "Ελένη",
            "Μαρία",
            "Κατερίνα",
            "Σοφία",
            "Αναστασία",
            "Βασίλης",
            "Χρήστος",
            "Μιχάλης",
            "Ιωάννα",
            "Ευαγγελία",
            "Αλέξανδρος",
        ],
        [
            "Παπαδόπουλος",
            "Γεωργίου",
            "Οικονόμου",
            "Νικολαΐδης",
            "Αντωνίου",
            "Δημητρίου",
            "Καραγιάννης",
            "Μακρής",
            "Βλάχος",
            "Σταματόπουλος",
            "Χατζής",
            "Κωνσταντίνου",
            "Ιωαννίδης",
            "Παππάς",
            "Αγγελόπουλος",
            "Ζαχαρίου",
        ],
    ),
}
_ARABIC_IN_LATIN = {
    "محمد": ("Mohammed", "Muhamad", "Mohamed"), "أحمد": ("Ahmed", "Ahmad"), "يوسف": ("Youssef", "Yusuf", "Jussuf"), "إبراهيم": ("Ibrahim", "Ebrahim"),
    "خالد": ("Khaled", "Chalid"), "عمر": ("Omar", "Umar"), "سعيد": ("Said", "Saeed"), "طارق": ("Tarek", "Tariq"), "زياد": ("Ziad", "Zeyad"),
    "كريم": ("Karim", "Kareem"), "نبيل": ("Nabil", "Nabeel"), "رامي": ("Rami", "Ramy"), "فاطمة": ("Fatima", "Fatma"), "زينب": ("Zeinab", "Zaynab"),
    "مريم": ("Mariam", "Maryam"), "سلمى": ("Salma", "Selma"), "ليلى": ("Leila", "Layla"), "هدى": ("Huda", "Houda"), "أمينة": ("Amina", "Aminah"), "نادية": ("Nadia", "Nadja"),
    "حسن": ("Hassan", "Hasan"), "حسين": ("Hussein", "Husain"), "بلال": ("Bilal", "Belal"), "مصطفى": ("Mustafa", "Mostafa"), "ياسين": ("Yassin", "Jasin"), "رشيد": ("Rashid", "Rachid"),
    "الخطيب": ("Al-Khatib", "El Chatib"), "الحسن": ("Al-Hassan", "El Hasan"), "منصور": ("Mansour", "Mansur"), "السوري": ("Al-Suri", "El Souri"), "حداد": ("Haddad", "Hadad"),
    "نجار": ("Najjar", "Nadjar"), "درويش": ("Darwish", "Derwisch"), "البغدادي": ("Al-Baghdadi", "El Bagdadi"), "العلي": ("Al-Ali", "El Aly"), "سليمان": ("Suleiman", "Soliman"),
    "قاسم": ("Qasim", "Kassem"), "مراد": ("Murad", "Mourad"), "الشامي": ("Al-Shami", "El Schami"), "التونسي": ("Al-Tunisi", "El Tounsi"), "بركات": ("Barakat", "Baraket"),
    "حمدان": ("Hamdan", "Hemdan"), "عيسى": ("Issa", "Eisa"), "شاهين": ("Shahin", "Chahine"), "الزهراني": ("Al-Zahrani", "El Sahrani"), "القحطاني": ("Al-Qahtani", "El Kahtani"),
    "صالح": ("Saleh", "Salih"), "ناصر": ("Nasser", "Nasir"), "فرحات": ("Farhat", "Ferhat"), "الطيب": ("Al-Tayeb", "El Taieb"), "غانم": ("Ghanem", "Ganim"),
}  # fmt: skip
"""Usual writings, which follow no table of letters: the vowels are not in the Arabic."""
_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", "a b w g d e jo sch s i j k l m n o p r s t u f ch z tsch sch schtsch - y - e ju ja".replace("-", "").split(" "), strict=True))  # fmt: skip
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχψω", ["a", "v", "g", "d", "e", "z", "i", "th", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "s", "t", "y", "f", "ch", "ps", "o"], strict=True))  # fmt: skip


class Person(NamedTuple):
    """A made-up person: which script the name is in, and the identity."""

    script: str
    identity: Identity


def people(count: int, chance: random.Random) -> list[Person]:
    """So many people, half of them in Latin script, the others in Cyrillic, Arabic and Greek; a third have two given names, a fifth two family names."""
    return [
        _person(chance.choice(("latin", "latin", "latin", "cyrillic", "arabic", "greek")), chance) for _ in range(count)
    ]


def _person(script: str, chance: random.Random) -> Person:
    given, family = _POOLS[script]
    first = chance.sample(given, 2 if chance.random() < 0.33 else 1)
    last = ["-".join(chance.sample(family, 2))] if chance.random() < 0.2 else [chance.choice(family)]
    born = date(1960, 1, 1) + timedelta(days=chance.randrange(50 * 365))
    return Person(script, Identity((" ".join([*first, *last]),), born))


def _typo(word: str, chance: random.Random) -> str:
    place = chance.randrange(1, max(2, len(word) - 1))
    letter = chance.choice(word)
    return chance.choice((
        word[:place] + word[place + 1 :],
        word[:place] + word[place : place + 1] * 2 + word[place + 1 :],
        word[: place - 1] + word[place : place + 1] + word[place - 1 : place] + word[place + 1 :],
        word[:place] + letter.lower() + word[place + 1 :],
    ))


def misspelt(one: Person, chance: random.Random) -> Identity:
    """One slip of the pen in one or two parts."""
    words = one.identity.names[0].split(" ")
    for place in chance.sample(range(len(words)), min(len(words), chance.choice((1, 2)))):
        words[place] = _typo(words[place], chance)
    return Identity((" ".join(words),), one.identity.born)


def transliterated(one: Person, chance: random.Random) -> Identity:
    """Written in Latin letters as people write it, not as a table does; a Latin name with another's spelling."""
    name = one.identity.names[0]
    if one.script == "arabic":
        words = [chance.choice(_ARABIC_IN_LATIN[part]) for word in name.split(" ") for part in word.split("-")]
        return Identity((" ".join(words),), one.identity.born)
    if one.script == "latin":
        for old, new in (
            ("k", "c"),
            ("ph", "f"),
            ("sch", "sh"),
            ("w", "v"),
            ("ei", "ai"),
            ("th", "t"),
            ("tz", "z"),
            ("y", "i"),
        ):
            name = name.replace(old, new) if chance.random() < 0.6 else name
        return Identity((name,), one.identity.born)
    import unicodedata

    plain = "".join(
        letter
        for letter in unicodedata.normalize("NFD", name.lower())
        if not unicodedata.combining(letter) or (one.script == "cyrillic" and letter == "\u0306")
    )
    table = _CYRILLIC if one.script == "cyrillic" else _GREEK
    plain = unicodedata.normalize("NFC", plain)
    return Identity(("".join(table.get(letter, letter) for letter in plain).title(),), one.identity.born)


def swapped(one: Person, chance: random.Random) -> Identity:
    """Family name first."""
    words = one.identity.names[0].split(" ")
    return Identity((" ".join([words[-1], *words[:-1]]),), one.identity.born)


def part_missing(one: Person, chance: random.Random) -> Identity:
    """A second given name, or half of a double family name, is left out; a short name stays as it is, without the date."""
    words = one.identity.names[0].split(" ")
    if len(words) > 2:
        return Identity((" ".join([words[0], words[-1]]),), one.identity.born)
    if "-" in words[-1]:
        return Identity((f"{words[0]} {chance.choice(words[-1].split('-'))}",), one.identity.born)
    return Identity((one.identity.names[0],), None)


def date_mistyped(one: Person, chance: random.Random) -> Identity:
    """Day and month exchanged where that is a date, else a year beside."""
    born = one.identity.born
    assert isinstance(born, date)
    if born.day <= 12:
        return Identity(one.identity.names, date(born.year, born.day, born.month))
    return Identity(one.identity.names, date(born.year + 1, born.month, min(born.day, 28)))


def all_at_once(one: Person, chance: random.Random) -> Identity:
    """Misspelt, family name first, and only the year known: three things that happen together."""
    name = swapped(Person(one.script, misspelt(one, chance)), chance)
    born = one.identity.born
    assert isinstance(born, date)
    return Identity(name.names, born.year)


CLASSES: dict[str, Callable[[Person, random.Random], Identity]] = {
    "misspelt": misspelt, "transliterated": transliterated, "swapped": swapped, "part_missing": part_missing, "date_mistyped": date_mistyped,
    "all_at_once": all_at_once,
}  # fmt: skip
