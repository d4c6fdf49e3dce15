using Microsoft.AspNetCore.Identity;
using PromptPilot.Core.Audit;
using PromptPilot.Core.Data;

namespace PromptPilot.Tests.Unit.Audit;

/// <summary>What the audit log says of a row that is about to be written.</summary>
public sealed class AuditChangesTests
{
    /// <summary>An authenticator chooses the id of its passkeys, and some are short.</summary>
    [Theory]
    [InlineData(1, "01")]
    [InlineData(7, "01020304050607")]
    [InlineData(8, "0102030405060708")]
    [InlineData(64, "0102030405060708")]
    public void Passkey_OfAnyLength_IsKnownByTheStartOfItsId(int length, string id)
    {
        using var db = new SqliteDesignTimeFactory().CreateDbContext([]);
        var passkey = new IdentityUserPasskey<string>
        {
            UserId = "ann",
            CredentialId = [.. Enumerable.Range(1, length).Select(number => (byte)number)],
            Data = new IdentityPasskeyData
            {
                Name = "My laptop",
                PublicKey = [1],
                AttestationObject = [2],
                ClientDataJson = [3],
            },
        };

        var entry = AuditChanges.Of(db.Add(passkey));

        entry!.Action.Should().Be(AuditAction.Created);
        (entry.Kind, entry.SubjectId, entry.SubjectName).Should().Be(("passkey", id, "My laptop"));
        entry.Changes.Should().Contain(new AuditChange("userId", null, "ann"));
        entry.Changes.Select(change => change.After).Should().NotContain(after => after != null && after.Contains("0102"));
    }
}
