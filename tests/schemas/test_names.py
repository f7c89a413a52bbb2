"""Words that name no place in particular."""

from schemas.names import generic_names


def test_lists_of_generic_words_are_read() -> None:
    assert "综合楼" in generic_names()["generic"]
    assert "阳光小区".endswith(generic_names()["firm_endings"]) is False
    assert "瑞安市某某鞋业有限公司".endswith(generic_names()["firm_endings"])
