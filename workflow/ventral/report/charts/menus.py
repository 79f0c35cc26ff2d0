"""The menus of charts."""

from collections.abc import Sequence

import altair as alt


def menu(
    name: str, heading: str, options: Sequence[str], labels: Sequence[str] | None = None, first: str = ""
) -> alt.Parameter:
    """A parameter that the reader sets with a menu.

    Parameters
    ----------
    name : str
        Of the parameter in expressions.
    heading : str
        Before the menu.
    options : texts
        Its values, of which the first is chosen unless `first` names another.
    labels : texts, optional
        What the menu shows for each value.
    """
    bind = alt.binding_select(options=[*options], labels=[*labels] if labels else [*options], name=heading)
    return alt.param(name=name, value=first or options[0], bind=bind)
