"""The short forms of countries' names: "US" and "United States" are one government."""

from quotestance.model.gazetteer import gazetteer


def short_forms() -> dict[str, str]:
    """The country's name of each form of it, its name among them, in lower case."""
    lists = gazetteer()
    # only names that are one by themselves: "England" or a capital may be meant apart from the state
    return {form: name for form, name in lists.aliases.items() if name in lists.places}
