"""Paralogs: pairing the two proteins of a transporter (Methods, "Paralogy and orthology")."""
