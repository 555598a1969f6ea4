"""Pages for the people of the house: agents, editors, supervisors. NiceGUI serves them under /console."""
