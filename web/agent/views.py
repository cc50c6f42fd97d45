from flask import Blueprint

from web.access import allow

pages = Blueprint("agent", __name__)
@pages.get("/my-week")
@allow("week.own")
def my_week(): return "x"
