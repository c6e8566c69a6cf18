"""Projects as their members and the public see them: board, project page, participants, search."""
