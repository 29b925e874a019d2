"""The paper's numbers beside this run's, and what a person sees at the end."""
