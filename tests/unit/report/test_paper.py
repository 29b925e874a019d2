from __future__ import annotations

from glm.report.paper import paper_values


def test_the_papers_numbers_are_read_with_their_place() -> None:
    values = paper_values()
    assert values["corpus.subcontigs"].value == 7_324_684
    assert values["glm.parameters"].value == 954_736_916
    assert values["bilstm.reference_absolute_accuracy"].value == 0.1478
    assert values["enzyme_classes.test_accuracy.plm_glm"].value == 0.868
    assert all(value.figure and value.value is not None for value in values.values())
