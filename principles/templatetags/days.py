from django import template

from couples.days import day

register = template.Library()
register.filter(day)
