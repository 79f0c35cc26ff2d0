"""The entry `accuracy` of a configuration: which images networks classify, and what their outputs are called."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from ventral.accuracy.class_names import IMAGENET, class_names, outputs_of
from ventral.config.entry import Entry, Key, PathText, caught
from ventral.core.names import did_you_mean
from ventral.stimuli.kinds import stimulus_entry


@dataclass(frozen=True, kw_only=True)
class Accuracy(Entry):
    """Labeled images that every network with a classifier names, and the classes of its outputs."""

    stimuli: Annotated[str, Key("A stimulus set of independent images with labels.")]
    classes: Annotated[
        PathText,
        Key("imagenet1k, or a file with the name of one class per line, in the order of the networks' outputs."),
    ] = IMAGENET

    def files(self) -> list[Path]:
        """The file that names the classes; none for ImageNet."""
        return [] if self.classes == IMAGENET else [Path(self.classes)]

    def problems(self, stimuli: Mapping[str, dict], sound: Collection[str], training: Collection[str]) -> Iterator[str]:
        """Faults that can be found before any job runs, as `key: sentence`.

        Parameters
        ----------
        stimuli : mapping of dict
            The entries of all stimulus sets, by name.
        sound : collection of str
            Sets whose entries the schema allows.
        training : collection of str
            Sets that networks are trained on.
        """
        faults = list(caught("classes", class_names, self.classes))
        yield from faults
        if self.stimuli not in stimuli:
            yield f"stimuli: there is no stimulus set {self.stimuli!r}{did_you_mean(self.stimuli, stimuli)}."
        elif self.stimuli in training:
            yield f"stimuli: networks are trained on {self.stimuli!r}, so nothing is measured on it; name another set."
        elif self.stimuli in sound:
            yield from self._label_problems(stimuli[self.stimuli], not faults)

    def _label_problems(self, spec: Mapping, named: bool) -> Iterator[str]:
        """Check that the images have labels, and that these are classes, as far as this is known."""
        shown = stimulus_entry(spec)
        if shown.varied():
            yield f"stimuli: {self.stimuli!r} shows each scene in variants; name a set of independent images."
            return
        labels = shown.known_labels()
        if labels is not None and not labels:
            yield (
                f"stimuli: no image of {self.stimuli!r} has a label; sort the files into class folders, or give their "
                f"list a column `label`."
            )
        elif labels and named:
            yield from caught(f"stimuli: {self.stimuli!r}", outputs_of, sorted(labels), class_names(self.classes))
