"""What a page states about itself."""

import json

from monitor.stages.extract_stated import read_stated
from monitor.stages.extract_tree import tree_of


def json_ld(headline, filler=""):
    text = json.dumps({"@type": "NewsArticle", "headline": headline, "x": filler})
    return f'<script type="application/ld+json">{text}</script>'


def test_a_flood_of_json_is_not_read():
    tree = tree_of(f"<body>{json_ld('一')}{json_ld('二', 'x' * 2_000_000)}{json_ld('三')}</body>")
    assert read_stated(tree).headlines == ("一",)
    tree = tree_of(f"<body>{json_ld('一')}{json_ld('二', 'x' * 200_000)}{json_ld('三')}</body>")
    assert read_stated(tree).headlines == ("一", "二", "三")
