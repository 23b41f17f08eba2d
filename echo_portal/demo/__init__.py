"""The demonstration: a program with its people and two cycles, and a whole cycle run from end to end.

People, licence numbers and patients do not exist; addresses are under the reserved domain example.org.
"""
