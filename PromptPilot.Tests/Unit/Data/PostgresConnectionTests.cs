using Microsoft.Extensions.Configuration;
using Npgsql;
using PromptPilot.Core.Data.Postgres;

namespace PromptPilot.Tests.Unit.Data;

public sealed class PostgresConnectionTests
{
    private const string Plain = "Host=db;Database=portal;Username=me;Password=secret-1";

    [Fact]
    public void Complete_AddsWhatTheHostNeeds()
    {
        var connection = new NpgsqlConnectionStringBuilder(PostgresConnection.Complete(Plain));

        connection.MaxPoolSize.Should().Be(40);
        connection.TcpKeepAlive.Should().BeTrue();
        connection.Options.Should().Contain("-c client_connection_check_interval=1000").And.Contain("-c tcp_keepalives_idle=10");
        connection.Password.Should().Be("secret-1");
    }

    [Fact]
    public void Complete_KeepsWhatTheOperatorChose()
    {
        var connection = new NpgsqlConnectionStringBuilder(
            PostgresConnection.Complete($"{Plain};MaxPoolSize=7;Options=-c client_connection_check_interval=0 -c work_mem=8MB")
        );

        connection.MaxPoolSize.Should().Be(7);
        connection.Options.Should().StartWith("-c client_connection_check_interval=0 -c work_mem=8MB -c tcp_keepalives_idle=10");
        connection.Options.Should().NotContain("interval=1000");
    }

    [Theory]
    [InlineData("postgres://me:secret-1@db/portal", "not a PostgreSQL connection string")]
    [InlineData("Host=db;Password=secret-1", "has no database")]
    [InlineData("Database=portal;Password=secret-1", "has no host")]
    [InlineData("Host=db;Database=portal;Port=secret-1", "not a PostgreSQL connection string")]
    [InlineData("Host=db;Database=portal;Pasword=secret-1", "not a PostgreSQL connection string")]
    public void Errors_OfAnUnusableOne_SayWhatIsWrong_AndNothingOfTheValue(string text, string words) =>
        ErrorsOf(text).Should().ContainSingle().Which.Should().Contain(words).And.NotContain("secret-1");

    [Theory]
    [InlineData(Plain)]
    [InlineData("")]
    public void Errors_OfAUsableOne_OrNone_AreNone(string text) => ErrorsOf(text).Should().BeEmpty();

    private static IReadOnlyList<string> ErrorsOf(string text) =>
        new PostgresConnection().Errors(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create(PostgresConnection.Key, (string?)text)]).Build()
        );
}
