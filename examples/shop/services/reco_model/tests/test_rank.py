import torch
from reco.model import TwoTower
from reco.rank import recommend, similar
from reco.vocabulary import Vocabulary

VOCABULARY = Vocabulary({"ann": 1}, {"A1": 0, "B2": 1, "C3": 2}, ["A1", "B2", "C3"])


def test_a_product_is_not_similar_to_itself():
    torch.manual_seed(1)
    assert "A1" not in similar(TwoTower(1, 3).eval(), VOCABULARY, "A1", 2)


def test_unknown_visitors_get_something():
    assert len(recommend(TwoTower(1, 3).eval(), VOCABULARY, "nobody", 2)) == 2
