# Puts the certificates and the key into the NSS database before pluto reads it.
cd /etc/ipsec.d
db=sql:/var/lib/ipsec/nss
# In one process, because starting NSS takes longer than the work.
certutil -B -d "$db" -i /dev/stdin <<'END'
-A -n anchor-root -t CT,C,C -a -i anchor-root.pem
-A -n local -t ,, -a -i local.pem
END
crlutil -I -d "$db" -i root.crl -B || echo "the CRL root is not used"
# The key comes to its certificate.
pk12util -i local.p12 -d "$db" -W "[secret]"

