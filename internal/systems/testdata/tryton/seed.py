"""Books a small company's receivables in a running Tryton 6.0, in rounds.

    TRYTON_PASSWORD=… /usr/bin/python3 seed.py http://host:port/tryton/ ROUND

Everything goes through Tryton's own remote API with proteus (Debian package
tryton-proteus), as a user of the client would do it: invoices are posted, paid
with the pay wizard, credited with the credit wizard. Each round changes what the
rounds before have booked.
"""
import base64
import datetime
import os
import sys
import xmlrpc.client
from decimal import Decimal

from proteus import Model, Wizard, config

TODAY = datetime.date.today()


def ago(days):
    return TODAY - datetime.timedelta(days)


def one(model, *domain):
    found, = Model.get(model).find(list(domain))
    return found


def company():
    return one('company.company')


def receivable():
    return one('account.account', ('name', '=', 'Main Receivable'))


def cash():
    return one('account.account', ('name', '=', 'Main Cash'))


def revenue():
    return one('account.account', ('name', '=', 'Main Revenue'))


def party(name):
    return one('party.party', ('name', '=', name))


def invoice(reference):
    return one('account.invoice', ('reference', '=', reference))


# ---- what a clerk does ----

def draft(reference, who, amount, days=20, term='30 days', currency=None, lines=1):
    """A draft invoice of a net amount, which carries 10 % tax."""
    i = Model.get('account.invoice')()
    i.party = party(who)
    i.reference = reference
    i.invoice_date = ago(days)
    i.payment_term = one('account.invoice.payment_term', ('name', '=', term))
    if currency:
        i.currency = one('currency.currency', ('code', '=', currency))
    for n in range(lines):
        line = i.lines.new()
        line.account = revenue()
        line.description = 'Work %d' % n
        line.quantity = 1
        line.unit_price = Decimal(amount) / lines
        line.taxes.append(one('account.tax'))
    i.save()
    return i


def post(*args, **kwargs):
    i = draft(*args, **kwargs)
    book(i)
    return i


def book(i):
    """Posts an invoice, with a due date in the past if need be."""
    expect('invoice_payment_term_%d' % i.id)
    i.click('post')


def expect(warning):
    """Answers a warning before it is raised."""
    Model.get('res.user.warning')(user=config.get_config().user, name=warning, always=False).save()


def pay(reference, amount, days=5, currency=None, kind=None):
    """Pays an invoice; kind is partial, writeoff or overpayment where the wizard asks."""
    w = Wizard('account.invoice.pay', [invoice(reference)])
    w.form.payment_method = one('account.invoice.payment.method')
    w.form.date = ago(days)
    if currency:
        w.form.currency = one('currency.currency', ('code', '=', currency))
    w.form.amount = Decimal(amount)
    w.execute('choice')
    if w.state != 'end':
        w.form.type = kind
        if kind == 'writeoff':
            w.form.writeoff = one('account.move.reconcile.write_off')
        w.execute('pay')


def credit(reference, refund, days=3):
    """Credits an invoice: with refund at once, else the credit note is a draft."""
    old = invoice(reference)
    w = Wizard('account.invoice.credit', [old])
    w.form.with_refund = refund
    w.form.invoice_date = ago(days)
    w.execute('credit')
    if refund:
        return None
    note = one('account.invoice', ('party', '=', old.party.id), ('reference', '=', None), ('state', '=', 'draft'))
    note.reference = reference + ' credit'
    note.save()
    return note


def move(description, who, amount, days, post=True):
    """A journal entry of the cash journal; a positive amount comes in."""
    m = Model.get('account.move')()
    m.journal = one('account.journal', ('type', '=', 'cash'))
    m.date = ago(days)
    m.period = one('account.period', ('start_date', '<=', m.date), ('end_date', '>=', m.date), ('type', '=', 'standard'))
    m.description = description
    amount = Decimal(amount)
    for account, side in ((receivable(), -amount), (cash(), amount)):
        line = m.lines.new()
        line.account = account
        line.debit, line.credit = max(side, Decimal(0)), max(-side, Decimal(0))
        if account.party_required:
            line.party = party(who)
    m.save()
    if post:
        m.click('post')
    return m


def lines(*sources):
    """The receivable lines of invoices (by reference) and entries (by description)."""
    out = []
    for s in sources:
        found = Model.get('account.invoice').find([('reference', '=', s)])
        if found:
            out += found[0].lines_to_pay
        else:
            out += [l for l in one('account.move', ('description', '=', s)).lines if l.account == receivable()]
    return out


def reconcile(found, writeoff=False):
    w = Wizard('account.move.reconcile_lines', found)
    if w.state != 'end':
        w.form.writeoff = one('account.move.reconcile.write_off')
        w.execute('reconcile')


def unreconcile(reference):
    for line in invoice(reference).lines_to_pay:
        if line.reconciliation:
            line.reconciliation.delete()
            return
    raise Exception('%s is not reconciled' % reference)


# ---- the rounds ----

def round0():
    currencies = {}
    Rate = Model.get('currency.currency.rate')
    for code, name, rates in (('EUR', 'Euro', ['1'] * 4), ('USD', 'US Dollar', ['1.10', '1.10', '1.25', '1.25'])):
        c = currencies[code] = Model.get('currency.currency')(name=name, symbol=code, code=code, numeric_code='000')
        c.save()
        for days, rate in zip((400, 33, 10, 3), rates):
            Rate(currency=c, date=ago(days), rate=Decimal(rate)).save()
    own = Model.get('party.party')(name='回款测试 GmbH')
    own.save()
    w = Wizard('company.company.config')
    w.execute('company')
    w.form.party = own
    w.form.currency = currencies['EUR']
    w.execute('add')
    context()
    c = company()
    c.cancel_invoice_out = True
    c.save()
    person = Model.get('party.party')(name='王丽')
    person.save()
    Model.get('company.employee')(party=person, company=c).save()

    for year in sorted({ago(400).year, ago(200).year, TODAY.year}):
        fiscal_year(c, year)
    chart(c)

    journal = Model.get('account.journal')
    sequence = Model.get('ir.sequence').find([('sequence_type.name', '=', 'Account Journal')], limit=1)[0]
    journal(name='Write-off', type='write-off', sequence=sequence).save()
    expense = one('account.account', ('name', '=', 'Main Expense'))
    Model.get('account.move.reconcile.write_off')(name='Rest', journal=one('account.journal', ('type', '=', 'write-off')),
        credit_account=expense, debit_account=expense).save()
    Model.get('account.invoice.payment.method')(name='Bank', journal=one('account.journal', ('type', '=', 'cash')),
        credit_account=cash(), debit_account=cash()).save()
    vat = one('account.account', ('name', '=', 'Main Tax'))
    Model.get('account.tax')(name='VAT', description='VAT', type='percentage', rate=Decimal('.1'),
        invoice_account=vat, credit_note_account=vat).save()

    term = Model.get('account.invoice.payment_term')
    t = term(name='30 days')
    t.lines.new(type='remainder').relativedeltas.new(days=30)
    t.save()
    t = term(name='2 instalments')
    first = t.lines.new(type='percent', ratio=Decimal('.5'))
    while first.relativedeltas:
        first.relativedeltas.pop()
    first.relativedeltas.new(days=10)
    t.lines.new(type='remainder').relativedeltas.new(days=40)
    t.save()

    thirty = one('account.invoice.payment_term', ('name', '=', '30 days'))
    for code, name in (('00017', 'Alpha GmbH'), ('00018', '苏州精密机械有限公司'), ('00019', 'O\'Neil "Sons" & Co; \\'), ('00020', 'Delta SARL'),
            ('00021', 'US Import Inc'), ('00022', 'Overpaid AG'), ('00023', 'Merged KG')):
        Model.get('party.party')(name=name, code=code, customer_payment_term=thirty).save()
    p = party('Alpha GmbH')
    p.credit_limit_amount = Decimal('5000')
    p.save()


def fiscal_year(c, year):
    f = Model.get('account.fiscalyear')(name=str(year), company=c)
    f.start_date, f.end_date = datetime.date(year, 1, 1), datetime.date(year, 12, 31)
    kind = one('ir.sequence.type', ('name', '=', 'Account Move'))
    s = Model.get('ir.sequence')(name=str(year), sequence_type=kind, company=c)
    s.save()
    f.post_move_sequence = s
    rule, = f.invoice_sequences
    for kind, prefix in (('invoice', ''), ('credit_note', 'CN')):         # a number may not be dated before the one below it
        numbers = Model.get('ir.sequence.strict')(name='%d %s' % (year, kind), prefix='%d/%s' % (year, prefix), company=c,
            sequence_type=one('ir.sequence.type', ('name', '=', 'Invoice')))
        numbers.save()
        setattr(rule, 'out_%s_sequence' % kind, numbers)
        setattr(rule, 'in_%s_sequence' % kind, numbers)
    f.save()
    f.click('create_period')


def chart(c):
    data = one('ir.model.data', ('module', '=', 'account'), ('fs_id', '=', 'account_template_root_en'))
    w = Wizard('account.create_chart')
    w.execute('account')
    w.form.account_template = Model.get('account.account.template')(data.db_id)
    w.form.company = c
    w.execute('create_account')
    w.form.account_receivable = receivable()
    w.form.account_payable = one('account.account', ('name', '=', 'Main Payable'))
    w.execute('create_properties')


def round1():
    alpha, suzhou, oneil, delta, us, over, merged = ('Alpha GmbH', '苏州精密机械有限公司', 'O\'Neil "Sons" & Co; \\', 'Delta SARL',
        'US Import Inc', 'Overpaid AG', 'Merged KG')
    post('A1', alpha, '100', days=90)
    pay('A1', '40', days=20, kind='partial')
    post('A2', alpha, '181.83', days=85, term='2 instalments')        # 200.01 in two instalments
    pay('A2', invoice('A2').lines_to_pay[0].debit)
    post('A3', alpha, '250', days=80)
    pay('A3', '275')
    post('B1', suzhou, '500', days=50)
    credit('B1', refund=True)
    post('B2', suzhou, '300', days=45)
    note = credit('B2', refund=False)
    note.lines[0].unit_price = Decimal('90')
    note.save()
    book(note)                                                # an open credit note of 99.00
    post('B3', suzhou, '303.03', days=44)
    post('C1', oneil, '120', days=40)
    invoice('C1').click('cancel')
    draft('C2', oneil, '80')                                          # a draft is no receivable
    post('C3', oneil, '70', days=33, lines=2)
    post('C4', oneil, '30', days=32)
    move('C3 and C4', oneil, '110', 10)
    reconcile(lines('C3', 'C4', 'C3 and C4'))                         # one payment over two invoices
    post('D1', delta, '1000', days=31, term='2 instalments')
    move('D on account', delta, '250', 15)
    move('D draft', delta, '33.33', 4, post=False)
    post('E1', us, '1000', days=30, currency='USD')
    pay('E1', '400', currency='USD', kind='partial')
    post('E2', us, '500', days=30, currency='USD')
    pay('E2', '550', currency='USD', kind='writeoff')                 # other rate: the difference is written off in EUR
    post('E3', us, '300', days=30, currency='USD')
    pay('E3', '264', currency='EUR', kind='writeoff')                                                  # a dollar invoice paid in euros
    post('F1', over, '100', days=25)
    pay('F1', '109.50', kind='writeoff')
    post('F2', over, '50', days=25)
    pay('F2', '60', kind='overpayment')
    post('G1', merged, '10', days=25)


def round2():
    pay('A1', '30', days=1, kind='partial')
    pay('A2', invoice('A2').lines_to_pay[1].debit, days=1)
    unreconcile('A3')
    i = invoice('B2')                                                 # the open credit note is set against its invoice
    Model.get('account.invoice').write([i.id], {'payment_lines': [('add', [l.id for l in lines('B2 credit')])]}, config.get_config().context)
    invoice('B3').click('cancel')
    unreconcile('C3')
    reconcile(lines('C4') + [], writeoff=True)                        # written off altogether
    p = party('苏州精密机械有限公司')
    p.name = '苏州精密机械股份有限公司'
    p.save()
    i = invoice('C2')
    i.party = party('Alpha GmbH')
    i.save()
    book(i)
    i = invoice('D1')
    Model.get('account.invoice').write([i.id], {'payment_lines': [('add', [l.id for l in lines('D on account')])]}, config.get_config().context)
    move('D refund', 'Delta SARL', '-40', 2)
    pay('E1', '700', days=1, currency='USD', kind='writeoff')
    unreconcile('F1')
    post('F3', 'Overpaid AG', '7', days=6)
    post('G2', 'Merged KG', '20', days=5)
    note = credit('G2', refund=False)
    book(note)
    move('G refund', 'Merged KG', '-22', 3)
    reconcile(lines('G2 credit', 'G refund'))                         # a credit note paid out


def round3():
    reconcile([l for l in invoice('A3').lines_to_pay + invoice('A3').payment_lines])
    i = invoice('D1')
    Model.get('account.invoice').write([i.id], {'payment_lines': [('remove', [l.id for l in lines('D on account')])]}, config.get_config().context)
    line = invoice('D1').lines_to_pay[0]
    Model.get('account.move.line').write([line.id], {'maturity_date': ago(-60)}, config.get_config().context)
    unreconcile('G2 credit')
    unreconcile('E2')
    pay('G1', '11', days=0)
    post('G3', 'Merged KG', '40', days=1)


def round4():
    """What no timestamp tells: a draft entry deleted, a party merged into another."""
    one('account.move', ('description', '=', 'D draft')).delete()
    merged, alpha = party('Merged KG'), party('Alpha GmbH')
    expect('party.replace name %s %s' % (merged.id, alpha.id))
    w = Wizard('party.replace', [merged])
    w.form.destination = alpha
    w.execute('replace')


def context():
    c = config.get_config()
    c._context = Model.get('res.user').get_preferences(True, {})


def sign_in(url):
    """Signs in once: with the password in each request, Tryton would check its slow hash each time."""
    user, session = xmlrpc.client.ServerProxy(url, allow_none=True).common.db.login('admin', {'password': os.environ['TRYTON_PASSWORD']}, 'en')
    token = base64.b64encode(('admin:%s:%s' % (user, session)).encode()).decode()
    config.set_xmlrpc(url, headers=[('Authorization', 'Session ' + token)])
    config.get_config().user = user
    context()


if __name__ == '__main__':
    sign_in(sys.argv[1])
    globals()['round' + sys.argv[2]]()
