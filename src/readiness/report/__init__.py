"""Report -> text: json, html, markdown, terminal. Each is a pure function of the Report; none reads a disk but for the templates."""
