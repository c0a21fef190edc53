"""How a sign-in fails: on Auth0's own page, or back at the application with an error."""


class LoginPageError(Exception):
    """The browser stays at Auth0: nothing that it brought says where it may safely go."""

    def __init__(self, error: str, description: str) -> None:
        """Show ``description`` on Auth0's error page (https://auth0.com/docs/authenticate/login/auth0-universal-login/error-pages)."""
        super().__init__(description)
        self.error = error


class SignInRefused(Exception):
    """The application gets ``error`` and a description as parameters of its callback (RFC 6749, section 4.1.2.1)."""

    def __init__(self, error: str, description: str, *, details: object = None) -> None:
        """Refuse; ``details`` go to the tenant's log only."""
        super().__init__(description)
        self.error = error
        self.details = details
