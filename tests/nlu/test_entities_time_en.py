"""Dates and times as customers write them in English; today is Wednesday, 18 November 2026, 12:00."""

from __future__ import annotations

import pytest

from nlu.entities import EntitySettings
from tests.nlu.entity_reading import Found, read

CASES: list[tuple[str, Found]] = [
    ("Can you deliver it next Tuesday?", [("date", "2026-11-24")]),
    ("I'm free tomorrow afternoon", [("date", "2026-11-19T12:00/2026-11-19T18:00")]),
    ("will it be here in 3 days", [("date", "2026-11-21")]),
    ("I ordered two weeks ago and nothing came", [("date", "2026-11-04")]),
    ("I bought this last month", [("date", "2026-10")]),
    ("please send it on the 5th", [("date", "2026-12-05")]),
    ("I need it by Friday", [("date", "2026-11-20", "until")]),
    ("any time between Monday and Wednesday works", [("date", "2026-11-23/2026-11-25")]),
    ("call me at 3pm", [("time", "15:00")]),
    ("the courier came at 15:30", [("time", "15:30")]),
    ("let's say half past two", [("time", "14:30")]),
    ("tomorrow at 10am please", [("date", "2026-11-19T10:00")]),
    ("could you come Friday morning?", [("date", "2026-11-20T06:00/2026-11-20T12:00")]),
    ("I paid yesterday", [("date", "2026-11-17")]),
    ("it was promised for the day before yesterday", [("date", "2026-11-16")]),
    ("the day after tomorrow is fine", [("date", "2026-11-20")]),
    ("I ordered on Monday", [("date", "2026-11-16")]),
    ("I received the parcel on Friday and it was broken", [("date", "2026-11-13")]),
    ("My order was placed on 5 November", [("date", "2026-11-05")]),
    ("It has to arrive before 24 December", [("date", "2026-12-24", "until")]),
    ("invoice of 3rd March 2026 please", [("date", "2026-03-03")]),
    ("Delivery on December 12, 2026", [("date", "2026-12-12")]),
    ("We fly on Dec 20th", [("date", "2026-12-20")]),
    ("the order from 12/11/2026", [("date", "2026-11-12", "from")]),
    ("date of purchase 2026-10-30", [("date", "2026-10-30")]),
    ("can I collect on 25/11?", [("date", "2026-11-25")]),
    ("are you open this weekend?", [("date", "2026-11-21/2026-11-22")]),
    ("is the shop open on Sunday", [("date", "2026-11-22")]),
    ("I'll come by next week", [("date", "2026-W48")]),
    ("nothing has moved since last Thursday", [("date", "2026-11-12", "from")]),
    ("I've been waiting since Monday", [("date", "2026-11-16", "from")]),
    ("tonight at 8 would be great", [("date", "2026-11-18T20:00")]),
    ("someone called me this morning", [("date", "2026-11-18T06:00/2026-11-18T12:00")]),
    ("the app charged me last night", [("date", "2026-11-17T18:00/2026-11-17T23:59")]),
    ("deliver between 2 and 4pm", [("time", "14:00/16:00")]),
    ("I'm home tomorrow from 9am to 1pm", [("date", "2026-11-19T09:00/2026-11-19T13:00")]),
    ("Saturday at quarter to five", [("date", "2026-11-21T16:45")]),
    ("I will be there at 5 o'clock", [("time", "17:00")]),
    ("noon on Thursday would suit me", [("date", "2026-11-19T12:00")]),
    ("Friday, 27 November works", [("date", "2026-11-27")]),
    ("my birthday is on the 2nd of December", [("date", "2026-12-02")]),
    ("I'm away from 5 to 12 December", [("date", "2026-12-05/2026-12-12")]),
    ("do you close early on Christmas Eve?", [("date", "2026-12-24")]),
    ("will it come before Christmas", [("date", "2026-12-25", "until")]),
    ("I returned it a week ago", [("date", "2026-11-11")]),
    ("the courier said he'd be back in an hour", [("date", "2026-11-18T13:00")]),
    ("I'm moving at the end of the month", [("date", "2026-11-30")]),
    ("please hold it until next month", [("date", "2026-12", "until")]),
    ("I'd like it in March", [("date", "2027-03")]),
    ("can you change it to Thursday 26 November at 14:00", [("date", "2026-11-26T14:00")]),
    ("after 6pm nobody is at home", [("time", "18:00", "from")]),
    ("tmr 3pm ok?", [("date", "2026-11-19T15:00")]),
    ("Tuesday next week", [("date", "2026-11-24")]),
    ("Either Monday or Thursday", [("date", "2026-11-23"), ("date", "2026-11-19")]),
    ("It should have come last week", [("date", "2026-W46")]),
    ("the 2nd of last month", [("date", "2026-10-02")]),
    ("open until 9:30 pm?", [("time", "21:30", "until")]),
    ("I want it 2 days from now", [("date", "2026-11-20")]),
    ("any time around 9ish", [("time", "09:00")]),
    ("eleven am is best", [("time", "11:00")]),
    ("come at 830pm", [("time", "20:30")]),
    ("pick it up at six forty-five", [("time", "18:45")]),
    ("September third is too late", [("date", "2026-09-03")]),
    ("I'm away from the 10th until the 13th", [("date", "2026-12-10/2026-12-13")]),
    ("8.30 in the morning, tomorrow", [("date", "2026-11-19T08:30")]),
    ("it never came on 17 Feb", [("date", "2026-02-17")]),
]


@pytest.mark.parametrize(("text", "found"), CASES)
def test_what_customers_say_of_time_is_resolved(text: str, found: Found) -> None:
    assert read(text) == found


def test_a_shop_may_read_the_month_first_in_english() -> None:
    american = EntitySettings(month_first=True)
    assert read("on 3/4/2027", settings=american) == [("date", "2027-03-04")]
    assert read("25/12/2026", settings=american) == [("date", "2026-12-25")]
    assert read("em 3/4/2027", "pt", settings=american) == [("date", "2027-04-03")]
    assert read("2026-12-05", settings=american) == [("date", "2026-12-05")]
