"""How somebody was recognised, in the words that stand beside what they did."""

from models.person import AuthMethod

AUTHENTICATED = {
    AuthMethod.command_line: "en ligne de commande",
    AuthMethod.email_link: "par un lien reçu par courriel",
    AuthMethod.proconnect: "par ProConnect",
    AuthMethod.token: "par un jeton de l’API",
    AuthMethod.demonstration: "en démonstration, sans être reconnu",
    AuthMethod.system: "par le système",
}
