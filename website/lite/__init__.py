"""Python in the reader's browser: JupyterLite with Pyodide, inside the site, and ready before it is asked."""
