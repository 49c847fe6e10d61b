"""``osteon jwt``: make a client's keys and tokens, and say what is wrong with a token, for those who integrate."""

from __future__ import annotations

import json
import sys
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import TextIO

import click
import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from service.clients.key_sets import KeySets, fetcher
from service.clients.profiles import USUAL_LIFETIME, ClientsError, clients_in
from service.clients.tokens import Refused, Tokens

REFUSED = 1
MEANING = {
    "no-token": "There is no token.",
    "no-bearer": "Send the token alone, or as `Bearer TOKEN`.",
    "too-long": "The token is longer than 8 KiB.",
    "malformed": "This is not a JSON Web Token that can be read.",
    "issuer": "No registered client has this iss.",
    "algorithm": "The client is not registered with this alg; none and shared secrets are never accepted.",
    "type": "The header typ must be JWT.",
    "key-set-address": "The header jku is not the address registered for this client.",
    "key": "The client's key set has not exactly one fitting key of this kid, or could not be fetched.",
    "signature": "The signature does not fit the key of this kid.",
    "expired": "The token has expired (exp).",
    "not-yet": "The token is not valid yet (iat or nbf); clocks may differ by a minute.",
    "audience": "aud must be the address of the very endpoint that is called, or hold it.",
    "claims": "iss, aud, exp, iat and jti are required, exp and iat as numbers of seconds, jti as text.",
    "lifetime": "exp must come after iat, and no later than the lifetime registered for this client.",
    "tenant": "The client is not registered with this tenant.",
    "replayed": "A token with this jti was seen before.",
}


@click.group(name="jwt")
def commands() -> None:
    """Tokens of CDS Hooks clients: make them, and check them."""


@commands.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--algorithm", type=click.Choice(["ES384", "RS384"]), default="ES384", show_default=True)
@click.option("--kid", default="", help="Name of the key in its set; made up when left out.")
def key(file: Path, algorithm: str, kid: str) -> None:
    """Write a new private key to FILE (PEM, for its owner only) and print the key set to register."""
    made = ec.generate_private_key(ec.SECP384R1()) if algorithm == "ES384" else rsa.generate_private_key(65537, 3072)
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        file.touch(mode=0o600, exist_ok=False)
        file.write_bytes(pem)
    except OSError as fault:
        raise click.ClickException(f"{file}: {fault.strerror}; name a file that is not there yet.") from None
    public = made.public_key()
    jwk = (
        jwt.algorithms.ECAlgorithm.to_jwk(public, as_dict=True)
        if isinstance(public, ec.EllipticCurvePublicKey)
        else jwt.algorithms.RSAAlgorithm.to_jwk(public, as_dict=True)
    )
    named = {**jwk, "kid": kid or uuid.uuid4().hex[:12], "use": "sig", "alg": algorithm}
    click.echo(json.dumps({"keys": [{name: value for name, value in named.items() if name != "key_ops"}]}, indent=2))


@commands.command()
@click.option("--key", "key_file", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--kid", required=True, help="Name of the key in the registered key set.")
@click.option("--issuer", required=True, help="The iss the client is registered with.")
@click.option("--endpoint", required=True, help="The address that will be called, such as .../cds-services.")
@click.option("--tenant", default="", help="The tenant, where the client is registered with tenants.")
@click.option("--jku", default="", help="The registered address of the key set, to be named in the token.")
@click.option("--seconds", type=click.IntRange(1, 3600), default=USUAL_LIFETIME, show_default=True)
def make(key_file: Path, kid: str, issuer: str, endpoint: str, tenant: str, jku: str, seconds: int) -> None:
    """Print a token for one call of one endpoint."""
    try:
        private = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except (ValueError, TypeError):
        raise click.ClickException(f"{key_file} is not a private key in PEM without a password.") from None
    if isinstance(private, ec.EllipticCurvePrivateKey):
        algorithm = {256: "ES256", 384: "ES384", 521: "ES512"}.get(private.key_size, "")
    else:
        algorithm = "RS384" if isinstance(private, rsa.RSAPrivateKey) else ""
    if not algorithm:
        raise click.ClickException(f"{key_file} holds a key no algorithm here is for; use an EC or an RSA key.")
    now = int(time.time())
    claims = {"iss": issuer, "aud": endpoint, "iat": now, "exp": now + seconds, "jti": str(uuid.uuid4())}
    header = {"typ": "JWT", "kid": kid, **({"jku": jku} if jku else {})}
    assert isinstance(private, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey)
    click.echo(jwt.encode(claims | ({"tenant": tenant} if tenant else {}), private, algorithm, headers=header))


@commands.command()
@click.argument("token", type=click.File("r"), default="-")
@click.option("--clients", required=True, type=click.Path(exists=True, dir_okay=False), help="The file of clients.")
@click.option("--endpoint", required=True, help="The address the token is for.")
@click.option("--ca-file", default="", help="A PEM file of certificate authorities, for a key set that is fetched.")
def check(token: TextIO, clients: str, endpoint: str, ca_file: str) -> None:
    """Say which client the TOKEN on standard input, or in a file, proves, or what is wrong with it."""

    def not_kept(issuer: str, token_id: str, expires: datetime) -> bool:
        return True

    try:
        checks = Tokens(clients_in(clients), KeySets(fetcher(ca_file=ca_file)), not_kept)
        words = token.read().strip()
        proven = checks.proven(words if words.lower().startswith("bearer ") else f"Bearer {words}", endpoint)
    except ClientsError as fault:
        raise click.ClickException(str(fault)) from None
    except Refused as refused:
        click.echo(f"refused: {refused.reason}. {MEANING[refused.reason]}")
        sys.exit(REFUSED)
    click.echo(f"accepted: client {proven.client.name}" + (f", tenant {proven.tenant}" if proven.tenant else ""))
