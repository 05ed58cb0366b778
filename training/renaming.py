"""States and armed groups renamed at random in training passages: who stands where must come from the words.

Real articles and our own passages alike teach a network that this or that state condemns; with the names exchanged, the
same passage can only be judged by what is said in it. The names are exchanged in question and passage alike.
"""

import random
import re
from dataclasses import replace

from quotestance.model.passages import Passage

# name, adjective, people, capital: each form is replaced by the same form of another state
_STATES = (
    ("the United States", "American", "Americans", "Washington"),
    ("Israel", "Israeli", "Israelis", "Jerusalem"),
    ("Iran", "Iranian", "Iranians", "Tehran"),
    ("Russia", "Russian", "Russians", "Moscow"),
    ("Turkey", "Turkish", "Turks", "Ankara"),
    ("Syria", "Syrian", "Syrians", "Damascus"),
    ("Iraq", "Iraqi", "Iraqis", "Baghdad"),
    ("Yemen", "Yemeni", "Yemenis", "Sanaa"),
    ("Saudi Arabia", "Saudi", "Saudis", "Riyadh"),
    ("Egypt", "Egyptian", "Egyptians", "Cairo"),
    ("Lebanon", "Lebanese", "Lebanese", "Beirut"),
    ("Jordan", "Jordanian", "Jordanians", "Amman"),
    ("Pakistan", "Pakistani", "Pakistanis", "Islamabad"),
    ("India", "Indian", "Indians", "Delhi"),
    ("China", "Chinese", "Chinese", "Beijing"),
    ("Ukraine", "Ukrainian", "Ukrainians", "Kyiv"),
    ("France", "French", "French", "Paris"),
    ("Britain", "British", "Britons", "London"),
    ("Germany", "German", "Germans", "Berlin"),
    ("Ethiopia", "Ethiopian", "Ethiopians", "Addis Ababa"),
    ("Sudan", "Sudanese", "Sudanese", "Khartoum"),
    ("Libya", "Libyan", "Libyans", "Tripoli"),
    ("Algeria", "Algerian", "Algerians", "Algiers"),
    ("Kenya", "Kenyan", "Kenyans", "Nairobi"),
    ("Somalia", "Somali", "Somalis", "Mogadishu"),
    ("Colombia", "Colombian", "Colombians", "Bogota"),
    ("Venezuela", "Venezuelan", "Venezuelans", "Caracas"),
    ("Armenia", "Armenian", "Armenians", "Yerevan"),
    ("Azerbaijan", "Azerbaijani", "Azerbaijanis", "Baku"),
    ("Japan", "Japanese", "Japanese", "Tokyo"),
    ("Serbia", "Serbian", "Serbs", "Belgrade"),
    ("Georgia", "Georgian", "Georgians", "Tbilisi"),
    ("Afghanistan", "Afghan", "Afghans", "Kabul"),
    ("Nigeria", "Nigerian", "Nigerians", "Abuja"),
    ("Congo", "Congolese", "Congolese", "Kinshasa"),
    ("Rwanda", "Rwandan", "Rwandans", "Kigali"),
    ("Thailand", "Thai", "Thais", "Bangkok"),
    ("Cambodia", "Cambodian", "Cambodians", "Phnom Penh"),
    ("Poland", "Polish", "Poles", "Warsaw"),
    ("Morocco", "Moroccan", "Moroccans", "Rabat"),
)
_GROUPS = (
    ("Hamas",),
    ("Hezbollah",),
    ("the Houthis",),
    ("Islamic State",),
    ("the Taliban",),
    ("al-Shabaab",),
    ("the PKK",),
    ("Boko Haram",),
    ("al-Qaeda",),
    ("the FARC",),
    ("Kataib Hezbollah",),
    ("Islamic Jihad",),
)
# further forms, and the form that replaces them
_ALSO = {
    "United States": ("the United States", 0),
    "The United States": ("the United States", 0),
    "U.S.": ("the United States", 1),
    "US": ("the United States", 1),
    "UK": ("Britain", 1),
    "Turk": ("Turkey", 1),
    "Houthis": ("the Houthis", 0),
    "Houthi": ("the Houthis", 0),
    "Taliban": ("the Taliban", 0),
    "ISIS": ("Islamic State", 0),
    "PKK": ("the PKK", 0),
}
_POOLS = (_STATES, _GROUPS)
_FORMS = {form: (names[0], place) for pool in _POOLS for names in pool for place, form in reversed([*enumerate(names)])}
_FORMS |= _ALSO
_POOL_OF = {names[0]: pool for pool in _POOLS for names in pool}
_FOUND = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, sorted(_FORMS, key=len, reverse=True)))})(?!\w)")


def renamed(passage: Passage, rng: random.Random) -> Passage:
    """The passage with every state and group in it exchanged for one that is not: the same one throughout."""
    present = sorted({_FORMS[form][0] for form in _FOUND.findall(f"{passage.question} {passage.text}")})
    new: dict[str, tuple[str, ...]] = {}
    for pool in _POOLS:
        ours = [name for name in present if _POOL_OF[name] is pool]
        others = [names for names in pool if names[0] not in present]
        if len(ours) > len(others):
            return passage
        new |= dict(zip(ours, rng.sample(others, len(ours)), strict=True))

    def other(match: re.Match[str]) -> str:
        name, place = _FORMS[match[0]]
        form = new[name][place]
        return form if match[0].startswith("the ") else form.removeprefix("the ")

    return replace(passage, question=_FOUND.sub(other, passage.question), text=_FOUND.sub(other, passage.text))
